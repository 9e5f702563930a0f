import { readCheckpoint, signCheckpoint } from '@crossfade/runtime/audit-checkpoint'
import { createLogger } from '@crossfade/runtime/logger'
import { aSigner } from '@crossfade/testkit/signed-snapshot'
import { describe, expect, it } from 'vitest'
import { memoryDisk } from '../config/memory-disk.ts'
import { createWitness } from './witness.ts'

const signer = aSigner()
const stranger = aSigner()
const checkpoint = (seq: number, options: { mac?: string; minute?: number; by?: typeof signer } = {}) =>
  signCheckpoint(
    {
      seq,
      mac: (options.mac ?? 'a1').repeat(32),
      at: new Date(Date.UTC(2026, 0, 1, 0, options.minute ?? seq)).toISOString(),
    },
    options.by ?? signer,
  )

function open(disk = memoryDisk()) {
  const trustedKeys = () => [signer.publicKey]
  const logger = createLogger('witness', 'silent')
  return { disk, witness: createWitness({ stateDir: '/state', disk, trustedKeys, logger }) }
}

describe('a witness of the audit trail', () => {
  it('keeps the newest end it was shown, over a restart', async () => {
    const { disk, witness } = open()
    witness.see(checkpoint(3))
    witness.see(checkpoint(9))
    witness.see(null)
    expect(witness.newest()).toBe(checkpoint(9))
    await expect.poll(() => disk.files.get('/state/audit-checkpoint.json')).toBe(checkpoint(9))
    const again = open(disk).witness
    await again.load()
    expect(again.newest()).toBe(checkpoint(9))
    expect(again.warnings()).toEqual([])
  })

  it('believes nothing that a key it does not trust has signed, nor a touched file', async () => {
    const { disk, witness } = open()
    witness.see(checkpoint(3, { by: stranger }))
    witness.see('{"seq":3}')
    witness.see('')
    expect(witness.newest()).toBeNull()
    disk.files.set('/state/audit-checkpoint.json', checkpoint(9).replace('"seq":9', '"seq":2'))
    await witness.load()
    expect(witness.newest()).toBeNull()
  })

  it('does not mind an older checkpoint that comes late', () => {
    const { witness } = open()
    witness.see(checkpoint(9))
    witness.see(checkpoint(8))
    expect(witness.newest()).toBe(checkpoint(9))
    expect(witness.warnings()).toEqual([])
  })

  it('keeps what it saw and warns when the trail is shorter later, or another', () => {
    const shortened = open().witness
    shortened.see(checkpoint(9))
    shortened.see(checkpoint(4, { minute: 30 }))
    expect(shortened.newest()).toBe(checkpoint(9))
    expect(shortened.warnings()).toEqual(['The audit trail ended with row 9 once, and with row 4 later'])

    const rewritten = open().witness
    rewritten.see(checkpoint(9))
    rewritten.see(checkpoint(9, { mac: 'b2' }))
    expect(rewritten.warnings()).toEqual(['The audit trail has another row 9 than this agent saw'])
  })

  it('reads what was signed and nothing else', () => {
    expect(readCheckpoint(checkpoint(7), [stranger.publicKey, signer.publicKey])).toMatchObject({ seq: 7 })
    expect(readCheckpoint(checkpoint(7), [stranger.publicKey])).toBeNull()
  })
})
