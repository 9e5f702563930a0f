import type { SnapshotHeader, WholeSnapshot } from '@crossfade/contracts/snapshot'
import type { Snapshot } from '@crossfade/core/model'
import { aMapping, aMatch, anEnvironment, aSnapshot } from '@crossfade/testkit/builders'
import { aSigner, sealedDelta, sealedSnapshot } from '@crossfade/testkit/signed-snapshot'
import { describe, expect, it } from 'vitest'
import type { Base } from './base.ts'
import { receiveSnapshot, type SnapshotMessage, type Trust } from './receive-snapshot.ts'

const signer = aSigner()
const trust: Trust = { keys: [signer.publicKey], environmentId: 'default' }

describe('a whole snapshot', () => {
  it('is installed on an agent that runs nothing', () => {
    const verdict = receiveSnapshot(null, whole(aSnapshot()), trust)
    expect(verdict).toMatchObject({
      kind: 'install',
      base: { header: { revision: 1 }, snapshot: aSnapshot() },
    })
  })

  it('is installed over an older revision', () => {
    const verdict = receiveSnapshot(running(), whole(aSnapshot({ revision: 2 })), trust)
    expect(verdict).toMatchObject({ kind: 'install', base: { header: { revision: 2 } } })
  })

  it('is refused as integrity when an entry is missing', () => {
    const sealed = sealedSnapshot(aSnapshot({ revision: 2 }), signer)
    const truncated = { ...sealed, entries: sealed.entries.slice(0, -1) }
    expect(refusal(running(), { kind: 'whole', whole: truncated })).toBe('integrity')
  })

  it('is refused as integrity when one byte of an entry was altered', () => {
    const sealed = sealedSnapshot(aSnapshot({ revision: 2 }), signer)
    const entries = sealed.entries.map((entry) => ({
      ...entry,
      bytes: entry.bytes.replace('books', 'bOoks'),
    }))
    expect(refusal(running(), { kind: 'whole', whole: { ...sealed, entries } })).toBe('integrity')
  })

  it('is refused as integrity when its header was altered after signing', () => {
    const sealed = sealedSnapshot(aSnapshot({ revision: 2 }), signer)
    const header = sealed.header.replace('"revision":2', '"revision":3')
    expect(refusal(running(), { kind: 'whole', whole: { ...sealed, header } })).toBe('integrity')
  })

  it('is refused as integrity when a key signed it that our token does not vouch for', () => {
    const sealed = sealedSnapshot(aSnapshot({ revision: 2 }), aSigner())
    expect(refusal(running(), { kind: 'whole', whole: sealed })).toBe('integrity')
  })

  it('is refused as integrity when it is for another environment, whatever the link says', () => {
    const other = aSnapshot({ revision: 2, environment: anEnvironment({ id: 'staging', name: 'staging' }) })
    expect(refusal(running(), whole(other))).toBe('integrity')
    expect(refusal(null, whole(other))).toBe('integrity')
    const moved = { ...trust, environmentId: 'staging' }
    expect(receiveSnapshot(running(), whole(other), moved)).toMatchObject({
      kind: 'refuse',
      phase: 'integrity',
    })
  })

  it('is refused as stale when it is older', () => {
    expect(refusal(running({ revision: 5 }), whole(aSnapshot({ revision: 4 })))).toBe('stale')
  })

  it('is the same when it comes twice', () => {
    expect(receiveSnapshot(running(), whole(aSnapshot()), trust)).toEqual({ kind: 'same' })
  })

  it('is refused as conflict when the revision is ours and the content is not', () => {
    expect(refusal(running(), whole(aSnapshot({ mappings: [] })))).toBe('conflict')
  })

  it('is refused as schema when an entry is not what its kind says, with the place', () => {
    const broken = { ...aMapping(), extra: true }
    const verdict = receiveSnapshot(running(), whole(aSnapshot({ revision: 2, mappings: [broken] })), trust)
    expect(verdict).toMatchObject({ kind: 'refuse', phase: 'schema' })
    expect(JSON.stringify(verdict)).toContain('mapping/books')
  })

  it('is refused as schema when an entry is there twice', () => {
    const twice = whole(aSnapshot({ revision: 2, mappings: [aMapping(), aMapping()] }))
    expect(refusal(running(), twice)).toBe('schema')
  })

  it('is refused as semantic when a mapping names a service that is not there', () => {
    expect(refusal(running(), whole(aSnapshot({ revision: 2, services: [] })))).toBe('semantic')
  })
})

describe('a snapshot of a new epoch', () => {
  const next = aSnapshot({ epoch: 'epoch-2', revision: 1 })

  it('is installed when it names ours as the one before, also with a lower revision', () => {
    const verdict = receiveSnapshot(
      running({ revision: 9 }),
      whole(next, { previousEpoch: 'epoch-1' }),
      trust,
    )
    expect(verdict).toMatchObject({ kind: 'install', base: { header: { epoch: 'epoch-2' } } })
  })

  it('is refused when it names none, or another', () => {
    expect(refusal(running(), whole(next))).toBe('epoch')
    expect(refusal(running(), whole(next, { previousEpoch: 'epoch-0' }))).toBe('epoch')
  })

  it('is refused as integrity when a stranger signed it', () => {
    const sealed = sealedSnapshot(next, aSigner(), { previousEpoch: 'epoch-1' })
    expect(refusal(running(), { kind: 'whole', whole: sealed })).toBe('integrity')
  })
})

describe('a snapshot that lost mappings', () => {
  const before = running({ mappings: many(20) })

  it('is refused when more than half are gone and nobody deleted them', () => {
    expect(refusal(before, whole(aSnapshot({ revision: 2, mappings: many(9) })))).toBe('shrunken')
  })

  it('is installed when the header accounts for the deletes', () => {
    const message = whole(aSnapshot({ revision: 2, mappings: many(9) }), { mappingsDeleted: 11 })
    expect(receiveSnapshot(before, message, trust).kind).toBe('install')
  })

  it('counts what is gone, not how many there are', () => {
    const others = many(20, 'other')
    expect(refusal(before, whole(aSnapshot({ revision: 2, mappings: others })))).toBe('shrunken')
  })

  it('may lose exactly half, and anything while there are fewer than 20', () => {
    const half = whole(aSnapshot({ revision: 2, mappings: many(10) }))
    expect(receiveSnapshot(before, half, trust).kind).toBe('install')
    const few = running({ mappings: many(19) })
    expect(receiveSnapshot(few, whole(aSnapshot({ revision: 2, mappings: [] })), trust).kind).toBe('install')
  })
})

describe('a delta', () => {
  const first = sealedSnapshot(aSnapshot({ mappings: many(3) }), signer)
  const next = aSnapshot({
    revision: 2,
    mappings: [...many(2), aMapping({ id: 'added', match: aMatch('/added') })],
  })

  it('leads to the same as the whole snapshot', () => {
    const delta = sealedDelta(first, next, signer)
    expect(delta.changed).toHaveLength(1)
    expect(delta.removed).toHaveLength(1)
    const verdict = receiveSnapshot(held(first), { kind: 'delta', delta }, trust)
    expect(verdict).toMatchObject({ kind: 'install', base: { header: { revision: 2 }, snapshot: next } })
  })

  it('is refused as base when it applies to something else, or when nothing runs', () => {
    const delta = sealedDelta(first, next, signer)
    expect(refusal(running(), { kind: 'delta', delta })).toBe('base')
    expect(refusal(null, { kind: 'delta', delta })).toBe('base')
  })

  it('is refused as base when it does not lead to the signed hash, so that a whole snapshot is sent', () => {
    const delta = { ...sealedDelta(first, next, signer), removed: [] }
    expect(refusal(held(first), { kind: 'delta', delta })).toBe('base')
  })
})

function whole(snapshot: Snapshot, header: Partial<SnapshotHeader> = {}): SnapshotMessage {
  return { kind: 'whole', whole: sealedSnapshot(snapshot, signer, header) }
}

function running(overrides: Partial<Snapshot> = {}): Base {
  return held(sealedSnapshot(aSnapshot(overrides), signer))
}

function held(sealed: WholeSnapshot): Base {
  const verdict = receiveSnapshot(null, { kind: 'whole', whole: sealed }, trust)
  if (verdict.kind !== 'install') throw new Error(JSON.stringify(verdict))
  return verdict.base
}

function refusal(base: Base | null, message: SnapshotMessage): string {
  const verdict = receiveSnapshot(base, message, trust)
  return verdict.kind === 'refuse' ? verdict.phase : verdict.kind
}

function many(count: number, prefix = 'm') {
  return Array.from({ length: count }, (_, index) =>
    aMapping({ id: `${prefix}${index}`, match: aMatch(`/${prefix}/${index}`) }),
  )
}
