import { aSnapshot } from '@crossfade/testkit/builders'
import { fingerprintOf } from '@crossfade/runtime/seal'
import { aSigner, signedSnapshotFile } from '@crossfade/testkit/signed-snapshot'
import { describe, expect, it } from 'vitest'
import { memoryDisk, type MemoryDisk } from './memory-disk.ts'
import { createSnapshotFiles } from './snapshot-files.ts'

const signer = aSigner()
const current = '/state/current.json'
const previous = '/state/previous.json'

describe('reading', () => {
  it('finds the newest stored snapshot', async () => {
    const disk = await diskWith(1, 2)
    expect(await revisionFound(disk)).toEqual({ revision: 2, source: 'disk', problems: 0 })
  })

  it('takes the one before when the current file is cut short', async () => {
    const disk = await diskWith(1, 2)
    disk.files.set(current, disk.files.get(current)!.slice(0, 500))
    expect(await revisionFound(disk)).toEqual({ revision: 1, source: 'disk', problems: 1 })
  })

  it('takes the one before when any single character of the content was changed', async () => {
    const disk = await diskWith(1, 2)
    const text = disk.files.get(current)!
    const inside = text.indexOf('legacy-books')
    disk.files.set(current, `${text.slice(0, inside)}L${text.slice(inside + 1)}`)
    expect(await revisionFound(disk)).toEqual({ revision: 1, source: 'disk', problems: 1 })
  })

  it('takes the one before when the current file is full of zeros', async () => {
    const disk = await diskWith(1, 2)
    disk.files.set(current, '\0'.repeat(4096))
    expect(await revisionFound(disk)).toEqual({ revision: 1, source: 'disk', problems: 1 })
  })

  it('finds nothing, and says why, when both are broken', async () => {
    const disk = await diskWith(1, 2)
    disk.files.set(current, '{')
    disk.files.set(previous, '[]')
    expect(await revisionFound(disk)).toEqual({ revision: null, source: null, problems: 2 })
  })

  it('starts from the bootstrap file only when nothing is stored', async () => {
    const disk = await diskWith()
    disk.files.set('/boot.json', JSON.stringify(fileOf(7)))
    expect(await revisionFound(disk)).toEqual({ revision: 7, source: 'bootstrap', problems: 0 })
    await filesOn(disk).write(fileOf(3))
    expect(await revisionFound(disk)).toEqual({ revision: 3, source: 'disk', problems: 0 })
  })

  it('refuses a file whose key the token does not vouch for', async () => {
    const disk = await diskWith()
    disk.files.set(current, JSON.stringify(signedSnapshotFile(aSnapshot()).file))
    expect(await revisionFound(disk)).toEqual({ revision: null, source: null, problems: 1 })
  })
})

describe('writing', () => {
  it('leaves the new or the old snapshot, whatever step the machine stops at', async () => {
    const steps = await stepsOfOneWrite()
    expect(steps).toBeGreaterThan(4)
    for (let step = 1; step <= steps + 1; step++) {
      const disk = await diskWith(1, 2)
      const files = filesOn(disk)
      await files.read()
      disk.dieAt(step)
      await files.write(fileOf(3)).catch(() => {})
      disk.revive()
      const { revision } = await revisionFound(disk)
      expect([2, 3], `stopped at step ${step}`).toContain(revision)
    }
  })

  it('never lets a broken current file replace a good previous one', async () => {
    for (let step = 1; step <= (await stepsOfOneWrite()); step++) {
      const disk = await diskWith(1, 2)
      disk.files.set(current, 'broken')
      const files = filesOn(disk)
      await files.read()
      disk.dieAt(step)
      await files.write(fileOf(3)).catch(() => {})
      disk.revive()
      expect([1, 3], `stopped at step ${step}`).toContain((await revisionFound(disk)).revision)
    }
  })
})

async function stepsOfOneWrite(): Promise<number> {
  const disk = await diskWith(1, 2)
  const files = filesOn(disk)
  await files.read()
  disk.dieAt(Infinity)
  await files.write(fileOf(3))
  return disk.operations()
}

async function diskWith(...revisions: readonly number[]): Promise<MemoryDisk> {
  const disk = memoryDisk()
  const files = filesOn(disk)
  for (const revision of revisions) await files.write(fileOf(revision))
  return disk
}

function filesOn(disk: MemoryDisk) {
  return createSnapshotFiles({
    folder: '/state',
    bootstrap: disk.files.has('/boot.json') ? '/boot.json' : null,
    fingerprint: () => fingerprintOf(signer.publicKey),
    disk,
  })
}

function fileOf(revision: number) {
  return signedSnapshotFile(aSnapshot({ revision }), signer).file
}

async function revisionFound(disk: MemoryDisk) {
  const { found, problems } = await filesOn(disk).read()
  return {
    revision: found?.base.header.revision ?? null,
    source: found?.source ?? null,
    problems: problems.length,
  }
}
