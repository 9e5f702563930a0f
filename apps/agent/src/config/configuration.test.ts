import { decide } from '@crossfade/core/decide'
import { factsOf } from '@crossfade/core/facts'
import type { Snapshot } from '@crossfade/core/model'
import { aGroup, aMapping, aMatch, aSnapshot, aSplit } from '@crossfade/testkit/builders'
import {
  anOverlay,
  aSigner,
  keyChainOf,
  sealedOverlay,
  sealedSnapshot,
} from '@crossfade/testkit/signed-snapshot'
import { describe, expect, it } from 'vitest'
import type { Configuration } from './configuration.ts'
import { startConfiguration } from './configuration-rig.ts'
import { memoryDisk } from './memory-disk.ts'

const signer = aSigner()

describe('installing', () => {
  it('swaps at once and says later that it is on disk', async () => {
    const { configuration, disk } = await startConfiguration(signer)
    const answer = receive(configuration, allNew(1))
    expect(sideOf(configuration)).toBe('new')
    expect(disk.files.has('/state/current.json')).toBe(false)
    await persisted(answer)
    expect(disk.files.has('/state/current.json')).toBe(true)
  })

  it('CFG-05: keeps the old one whole when building the new one fails', async () => {
    let isBroken = false
    const { configuration } = await startConfiguration(signer, {
      prepare(next) {
        if (isBroken && next.header.revision === 2) throw new Error('No sockets left')
      },
    })
    receive(configuration, allNew(1))
    isBroken = true
    expect(receive(configuration, allLegacy(2))).toMatchObject({ kind: 'refuse', phase: 'apply' })
    expect(configuration.running()?.revision).toBe(1)
    expect(sideOf(configuration)).toBe('new')
  })

  it('serves on when the disk is full, says so, and tries again', async () => {
    const { configuration, disk, clock } = await startConfiguration(signer)
    disk.dieAt(1)
    const answer = receive(configuration, allNew(1))
    await clock.advanceAsync(0)
    expect(sideOf(configuration)).toBe('new')
    expect(configuration.warnings().join()).toContain('cannot be written')
    disk.revive()
    await clock.advanceAsync(10_000)
    await persisted(answer)
    expect(configuration.warnings()).toEqual([])
  })

  it('counts and names refusals until the next good one', async () => {
    const { configuration } = await startConfiguration(signer)
    receive(configuration, allNew(1))
    receive(configuration, { ...allNew(2), services: [] })
    expect(configuration.refusals().get('semantic')).toBe(1)
    expect(configuration.warnings().join()).toContain('semantic')
    expect(configuration.running()?.revision).toBe(1)
    receive(configuration, allNew(3))
    expect(configuration.warnings()).toEqual([])
  })

  it('trusts a key that the pinned one introduced, and no stranger', async () => {
    const next = aSigner()
    const { configuration } = await startConfiguration(signer)
    expect(configuration.trust({ keys: keyChainOf(aSigner()), environmentId: 'default' })).toBe(false)
    expect(configuration.trust({ keys: keyChainOf(signer, next), environmentId: 'default' })).toBe(true)
    const whole = sealedSnapshot(allNew(1), next)
    expect(configuration.receive({ kind: 'whole', whole }).kind).toBe('applied')
  })
})

describe('starting again', () => {
  it('serves what the disk holds before any control plane is met', async () => {
    const disk = await diskWith(allNew(4))
    const { configuration } = await startConfiguration(signer, { disk, linked: false })
    expect(configuration.source()).toBe('disk')
    expect(sideOf(configuration)).toBe('new')
  })

  it('has nothing, and does not crash, when every file is broken', async () => {
    const disk = await diskWith(allNew(4))
    for (const path of disk.files.keys()) disk.files.set(path, '{"format":1')
    const { configuration } = await startConfiguration(signer, { disk, linked: false })
    expect(configuration.slot.current()).toBeNull()
    expect(configuration.warnings()).not.toEqual([])
  })
})

describe('a roll back beside the snapshot', () => {
  it('lowers what it names on the base that runs', async () => {
    const { configuration } = await startConfiguration(signer)
    receive(configuration, allNew(1))
    expect(overlay(configuration, 2)).toBe('in-force')
    expect(sideOf(configuration)).toBe('legacy')
    expect(configuration.running()?.revision).toBe(1)
  })

  it('works on an agent that is stuck on a refused snapshot', async () => {
    const { configuration } = await startConfiguration(signer)
    receive(configuration, allNew(1))
    expect(receive(configuration, { ...allNew(2), services: [] }).kind).toBe('refuse')
    expect(overlay(configuration, 3)).toBe('in-force')
    expect(sideOf(configuration)).toBe('legacy')
  })

  it('works on an agent that is stuck in an older epoch', async () => {
    const { configuration } = await startConfiguration(signer)
    receive(configuration, allNew(9))
    const signed = sealedOverlay(anOverlay({ epoch: 'epoch-2', revision: 3 }), signer)
    expect(configuration.overlay(signed).kind).toBe('in-force')
    expect(sideOf(configuration)).toBe('legacy')
  })

  it('lowers all members of a group it names', async () => {
    const { configuration } = await startConfiguration(signer)
    const group = aGroup({ split: aSplit({ share: 10_000 }) })
    const member = aMapping({ split: { groupId: group.id } })
    receive(configuration, aSnapshot({ groups: [group], mappings: [member] }))
    expect(sideOf(configuration)).toBe('new')
    configuration.overlay(sealedOverlay(anOverlay({ mappingIds: [], groupIds: [group.id] }), signer))
    expect(sideOf(configuration)).toBe('legacy')
  })

  it('is dropped when a snapshot of at least its revision is installed, and not before', async () => {
    const { configuration } = await startConfiguration(signer)
    receive(configuration, allNew(1))
    overlay(configuration, 3)
    receive(configuration, allNew(2))
    expect(sideOf(configuration)).toBe('legacy')
    receive(configuration, allNew(3))
    expect(sideOf(configuration)).toBe('new')
  })

  it('is dropped when an epoch is installed that names its own as the one before', async () => {
    const { configuration } = await startConfiguration(signer)
    receive(configuration, allNew(1))
    overlay(configuration, 3)
    const whole = sealedSnapshot({ ...allNew(1), epoch: 'epoch-2' }, signer, { previousEpoch: 'epoch-1' })
    expect(configuration.receive({ kind: 'whole', whole }).kind).toBe('applied')
    expect(sideOf(configuration)).toBe('new')
  })

  it('is in force again after a restart without a control plane', async () => {
    const disk = await diskWith(allNew(1))
    const first = await startConfiguration(signer, { disk })
    overlay(first.configuration, 2)
    await first.configuration.stop()
    const second = await startConfiguration(signer, { disk, linked: false })
    expect(sideOf(second.configuration)).toBe('legacy')
  })

  it('survives a crash between the swap to a snapshot that contains it and the fsync of that one', async () => {
    const disk = await diskWith(allNew(1))
    const first = await startConfiguration(signer, { disk })
    overlay(first.configuration, 2)
    await first.clock.advanceAsync(0)
    disk.dieAt(1)
    receive(first.configuration, allLegacy(2))
    await first.clock.advanceAsync(0)
    disk.revive()
    const second = await startConfiguration(signer, { disk, linked: false })
    expect(second.configuration.running()?.revision).toBe(1)
    expect(sideOf(second.configuration)).toBe('legacy')
  })

  it('is refused from a stranger and for another environment', async () => {
    const { configuration } = await startConfiguration(signer)
    receive(configuration, allNew(1))
    expect(configuration.overlay(sealedOverlay(anOverlay(), aSigner())).kind).toBe('refuse')
    const other = sealedOverlay(anOverlay({ environmentId: 'staging' }), signer)
    expect(configuration.overlay(other).kind).toBe('refuse')
    expect(sideOf(configuration)).toBe('new')
  })

  it('changes nothing when it is older than the snapshot or comes twice', async () => {
    const { configuration } = await startConfiguration(signer)
    receive(configuration, allNew(5))
    expect(overlay(configuration, 4)).toBe('in-force')
    expect(sideOf(configuration)).toBe('new')
    overlay(configuration, 6)
    overlay(configuration, 6)
    expect(configuration.overlays()).toHaveLength(1)
  })
})

function allNew(revision: number): Snapshot {
  return aSnapshot({ revision, mappings: [aMapping({ split: aSplit({ share: 10_000 }) })] })
}

function allLegacy(revision: number): Snapshot {
  return aSnapshot({ revision, mappings: [aMapping({ match: aMatch(), split: aSplit({ share: 0 }) })] })
}

function receive(configuration: Configuration, snapshot: Snapshot) {
  return configuration.receive({ kind: 'whole', whole: sealedSnapshot(snapshot, signer) })
}

async function persisted(answer: ReturnType<typeof receive>): Promise<void> {
  if (answer.kind !== 'applied') throw new Error(JSON.stringify(answer))
  await answer.persisted
}

function overlay(configuration: Configuration, revision: number): string {
  return configuration.overlay(sealedOverlay(anOverlay({ revision }), signer)).kind
}

function sideOf(configuration: Configuration): string | null {
  const inForce = configuration.slot.current()
  if (!inForce) return null
  const decision = decide(inForce.table, factsOf({ method: 'GET', host: 'api.example', target: '/v2/books' }))
  return decision.kind === 'mapped' ? decision.side : decision.kind
}

async function diskWith(snapshot: Snapshot) {
  const disk = memoryDisk()
  const { configuration } = await startConfiguration(signer, { disk })
  await persisted(receive(configuration, snapshot))
  return disk
}
