import { fingerprintOf } from '@crossfade/runtime/seal'
import { eventually } from '@crossfade/testkit/eventually'
import { manualClock } from '@crossfade/testkit/manual-clock'
import { agentTokenFor, aSigner } from '@crossfade/testkit/signed-snapshot'
import { describe, expect, it } from 'vitest'
import { quiet } from '../config/configuration-rig.ts'
import { memoryDisk, type MemoryDisk } from '../config/memory-disk.ts'
import { createIdentityFile } from './identity-file.ts'
import { createIdentity } from './identity.ts'
import { aRefusal, manualDoor, weekMs } from './manual-door.ts'

const signer = aSigner()

function rig(disk: MemoryDisk = memoryDisk(), clock = manualClock(Date.UTC(2026, 0, 1))) {
  const door = manualDoor(signer, clock)
  let ids = 0
  /** Another process on the same state directory. */
  const start = async (token: string | null = agentTokenFor({ signer })) => {
    const file = createIdentityFile('/state', disk)
    const parts = { file, door, token, name: 'edge-1', newId: () => `id-${ids++}` }
    const identity = createIdentity({ ...parts, clock, random: () => 0, logger: quiet })
    await identity.load()
    await identity.start()
    return identity
  }
  const stored = async () => createIdentityFile('/state', disk).read()
  return { disk, clock, door, start, stored }
}

describe('joining', () => {
  it('happens once; a restarted agent needs no token any more', async () => {
    const { door, start } = rig()
    const first = await start()
    expect((await first.pass()).kind).toBe('pass')
    const again = await start(null)
    expect((await again.pass()).kind).toBe('pass')
    expect(again.fingerprint()).toBe(fingerprintOf(signer.publicKey))
    expect(door.joins).toHaveLength(1)
  })

  it('says why it cannot, to whoever asks', async () => {
    const { door, start } = rig()
    door.answer(() => aRefusal(401, 'join_refused'))
    const identity = await start()
    expect(await identity.pass()).toMatchObject({ kind: 'none', isRefused: true })
    expect(identity.describe()).toBe('Cannot join: join_refused says the test')
    await expect(rig().start(null)).rejects.toThrow('CROSSFADE_AGENT_TOKEN')
  })

  it.each([1, 2, 3, 4, 5, 6])('AG-03: survives a crash at step %i with the same key', async (step) => {
    const { disk, door, start } = rig()
    disk.dieAt(step)
    const killed = await start()
    await killed.pass()
    disk.revive()
    expect((await (await start()).pass()).kind).toBe('pass')
    expect(new Set(door.joins.map(({ publicKey }) => publicKey)).size).toBe(step <= 2 ? door.joins.length : 1)
  })
})

describe('renewal', () => {
  it('AG-03: comes at two thirds of its life', async () => {
    const { clock, door, start, stored } = rig()
    const identity = await start()
    await identity.pass()
    for (let hour = 0; hour < 111; hour++) await clock.advanceAsync(3_600_000)
    expect(door.renewals).toHaveLength(0)
    for (let hour = 0; hour < 2; hour++) await clock.advanceAsync(3_600_000)
    await eventually(async () => (await stored())?.current?.credentialId === 'credential-2')
    await identity.stop()
  })

  it('AG-03: keeps no link waiting: what is good opens one while a renewal gets no answer', async () => {
    const { clock, door, start } = rig()
    const identity = await start()
    await identity.pass()
    let giveUp = (_error: Error) => {}
    door.answer(() => new Promise((_, reject) => (giveUp = reject)))
    for (let hour = 0; hour < 113; hour++) await clock.advanceAsync(3_600_000)
    await eventually(() => door.renewals.length === 1)
    expect((await identity.pass()).kind).toBe('pass')
    giveUp(new Error('no answer'))
    await identity.stop()
  })

  it.each([1, 2, 3, 4, 5, 6])('AG-03: a crash at step %i leaves a credential that is good', async (step) => {
    const { disk, clock, door, start, stored } = rig()
    const first = await start()
    await first.pass()
    await first.stop()
    clock.advance(weekMs)
    const killed = await start(null)
    disk.dieAt(step)
    await killed.pass()
    await killed.stop()
    disk.revive()
    expect((await stored())?.current).not.toBeNull()
    expect((await (await start(null)).pass()).kind).toBe('pass')
    expect((await stored())?.current?.credentialId).toBe('credential-2')
    expect(door.joins).toHaveLength(1)
  })
})

describe('an agent that is revoked', () => {
  it('AG-04: remembers since when, and joins again only with another token', async () => {
    const { door, start } = rig()
    const identity = await start()
    await identity.pass()
    expect(identity.refused({ code: 'credential_revoked', at: null })).toBe(false)
    expect(identity.revokedAt()).not.toBeNull()
    await identity.pass()
    await identity.stop()
    expect(door.joins).toHaveLength(1)

    const other = await start(agentTokenFor({ signer }).replace('test-token', 'newer-token'))
    expect(other.revokedAt()).not.toBeNull()
    expect(other.refused({ code: 'credential_revoked', at: null })).toBe(true)
    await other.pass()
    expect(door.joins).toHaveLength(2)
    expect(other.revokedAt()).toBeNull()
  })
})

describe('a clock that is wrong', () => {
  it('is put right by the control plane, and the join goes through', async () => {
    const { clock, door, start } = rig()
    const there = clock.now() + 3_600_000
    let asked = 0
    door.answer((key) => (asked++ === 0 ? aRefusal(401, 'assertion_untimely', there) : door.grant(key)))
    expect((await (await start()).pass()).kind).toBe('pass')
    expect(door.joins).toHaveLength(2)
  })
})
