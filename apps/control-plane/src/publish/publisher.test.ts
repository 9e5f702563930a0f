import { generateKeyPairSync } from 'node:crypto'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { SnapshotDelta, SnapshotEntry } from '@crossfade/contracts/snapshot'
import type { Snapshot } from '@crossfade/core/model'
import { createLogger } from '@crossfade/runtime/logger'
import { contentHash, createSigner, isSignedBy } from '@crossfade/runtime/seal'
import { snapshots as anySnapshot } from '@crossfade/testkit/arbitraries'
import { aMapping, aSnapshot, aSplit } from '@crossfade/testkit/builders'
import { turns } from '@crossfade/testkit/eventually'
import { manualClock } from '@crossfade/testkit/manual-clock'
import type { Published } from './published.ts'
import { createPublisher, type LoadedSnapshot, type PublisherParts } from './publisher.ts'

/** A publisher over a store that a test plays by hand. */
function house(overrides: Partial<PublisherParts> = {}) {
  const clock = manualClock(Date.UTC(2026, 0, 1))
  const { privateKey } = generateKeyPairSync('ed25519')
  const signer = createSigner(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString())
  const state = { stored: loaded(aSnapshot()), loads: 0, away: false, wentBack: [] as Published[] }
  let tell = (_environmentId: string, _revision: number) => {}
  const publisher = createPublisher({
    auditCheckpoint: () => null,
    load: async () => {
      state.loads++
      if (state.away) throw new Error('away')
      return state.stored
    },
    environmentIds: async () => ['default'],
    onRevision(listener) {
      tell = listener
      return () => {}
    },
    beforeLoad: async () => {},
    onWentBack: (published) => state.wentBack.push(published),
    keys: { signer, chain: [{ publicKey: signer.publicKey, signature: null }] },
    clock,
    logger: createLogger('test', 'silent'),
    ...overrides,
  })
  return {
    publisher,
    state,
    clock,
    signer,
    current: () => publisher.current('default')!,
    commit: (snapshot: Snapshot) => {
      state.stored = loaded(snapshot)
      tell('default', snapshot.revision)
    },
  }
}

function loaded(snapshot: Snapshot): LoadedSnapshot {
  const { epoch, revision } = snapshot
  return { epoch, revision, previousEpoch: null, mappingsDeleted: 0, snapshot }
}

const atShare = (revision: number, share: number): Snapshot =>
  aSnapshot({ revision, mappings: [aMapping({ split: aSplit({ share }) })] })

function applied(entries: readonly SnapshotEntry[], delta: SnapshotDelta): SnapshotEntry[] {
  const key = (entry: { kind: string; id: string }) => `${entry.kind}/${entry.id}`
  const byKey = new Map(entries.map((entry) => [key(entry), entry]))
  for (const removed of delta.removed) byKey.delete(key(removed))
  for (const changed of delta.changed) byKey.set(key(changed), changed)
  return [...byKey.values()]
}

describe('what is published', () => {
  it('is signed over its header, whose hash covers the exact bytes of the entries', async () => {
    const { publisher, signer, current } = house()
    await publisher.start()
    const { whole, header } = current()
    expect(isSignedBy(signer.publicKey, whole.header, whole.signature)).toBe(true)
    expect(JSON.parse(whole.header)).toEqual(header)
    expect(contentHash(whole.entries)).toBe(header.hash)
    expect(header).toMatchObject({ format: 1, environmentId: 'default', epoch: 'epoch-1', revision: 1 })
  })

  it('has the same bytes for the same content, in whatever order the store gives keys', async () => {
    const { publisher, commit, current } = house()
    await publisher.start()
    const { hash } = current().header
    const { id, name, ...rest } = aMapping()
    commit(aSnapshot({ revision: 2, mappings: [{ ...rest, name, id }] }))
    await turns()
    expect(current().header).toMatchObject({ revision: 2, hash })
  })

  it('never goes back to an older revision of its epoch, and says that the database did', async () => {
    const { publisher, state, commit, current } = house()
    await publisher.start()
    commit(atShare(5, 100))
    await turns()
    commit(atShare(3, 0))
    await turns()
    expect(current().header.revision).toBe(5)
    expect(state.wentBack.map(({ header }) => header.revision)).toEqual([5])
    commit({ ...atShare(4, 0), epoch: 'epoch-2' })
    await turns()
    expect(current().header).toMatchObject({ epoch: 'epoch-2', revision: 4 })
  })
})

describe('a delta', () => {
  it('leads from any remembered snapshot to exactly the current one', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anySnapshot, { minLength: 2, maxLength: 6 }), async (versions) => {
        const { publisher, commit, current } = house()
        await publisher.start()
        const seen = [current()]
        for (const [index, snapshot] of versions.entries()) {
          commit({ ...snapshot, epoch: 'epoch-1', revision: index + 2 })
          await publisher.newest('default')
          seen.push(current())
        }
        for (const { whole, header } of seen) {
          const delta = publisher.deltaSince('default', header.hash)
          expect(delta).not.toBeNull()
          const result = applied(whole.entries, delta!)
          expect(contentHash(result)).toBe(current().header.hash)
          expect(delta?.header).toBe(current().whole.header)
        }
      }),
      { numRuns: 25 },
    )
  })

  it('carries only what changed and what is gone', async () => {
    const { publisher, commit, current } = house()
    await publisher.start()
    const { hash } = current().header
    commit(aSnapshot({ revision: 2, mappings: [aMapping({ id: 'other' })] }))
    await turns()
    const delta = publisher.deltaSince('default', hash)
    expect(delta?.removed).toEqual([{ kind: 'mapping', id: 'books' }])
    expect(delta?.changed.map(({ kind, id }) => `${kind}/${id}`)).toEqual(['mapping/other'])
  })

  it('is not offered from a snapshot that is forgotten or was never ours', async () => {
    const { publisher, commit, current } = house()
    await publisher.start()
    const first = current().header.hash
    for (let revision = 2; revision <= 40; revision++) {
      commit(atShare(revision, revision))
      await publisher.newest('default')
    }
    expect(publisher.deltaSince('default', first)).toBeNull()
    expect(publisher.deltaSince('default', 'f'.repeat(64))).toBeNull()
    expect(publisher.deltaSince('elsewhere', first)).toBeNull()
  })
})

describe('revisions that come faster than they load', () => {
  it('are coalesced: one load under way, one more for all that came meanwhile', async () => {
    const { publisher, state, commit, current } = house()
    await publisher.start()
    const before = state.loads
    for (let revision = 2; revision <= 10; revision++) commit(atShare(revision, revision))
    await turns()
    expect(current().header.revision).toBe(10)
    expect(state.loads - before).toBeLessThanOrEqual(2)
  })
})

describe('while the database is away', () => {
  it('keeps what it has and publishes the missed revision when it is back', async () => {
    const { publisher, state, commit, current, clock } = house()
    await publisher.start()
    state.away = true
    commit(atShare(2, 100))
    await turns()
    expect(current().header.revision).toBe(1)
    state.away = false
    await clock.advanceAsync(1_000)
    expect(current().header.revision).toBe(2)
    await publisher.stop()
    expect(clock.pending()).toBe(0)
  })

  it('publishes what comes after somebody asked in vain for the newest', async () => {
    const { publisher, state, commit, current } = house()
    await publisher.start()
    state.away = true
    await expect(publisher.newest('default')).rejects.toThrow('away')
    state.away = false
    commit(atShare(2, 100))
    await turns()
    expect(current().header.revision).toBe(2)
  })

  it('publishes nothing before journalled roll backs are recorded', async () => {
    let isRecorded = false
    const { publisher, state, clock } = house({
      beforeLoad: async () => {
        if (!isRecorded) throw new Error('still away')
      },
    })
    await expect(publisher.start()).rejects.toThrow('still away')
    expect(state.loads).toBe(0)
    isRecorded = true
    await publisher.start()
    expect(publisher.current('default')).not.toBeNull()
    expect(clock.pending()).toBe(0)
  })
})
