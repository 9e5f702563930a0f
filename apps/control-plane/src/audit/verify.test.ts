import { assert, asyncProperty, constantFrom, integer } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { auditKeys } from './audit-keys.ts'
import { NO_MAC, olderDigest, sealFacts, type AuditFacts, type ChainEnd } from './chain.ts'
import { verifyTrail, type AuditRow, type Tampering } from './verify.ts'

const ours = auditKeys('the key of this control plane, long enough')
const stranger = auditKeys('a key somebody made up for themselves')

function facts(seq: number, act = 'mapping.share', after: unknown = { percent: seq }): AuditFacts {
  return {
    seq,
    at: new Date(Date.UTC(2026, 0, 1, 0, 0, seq)).toISOString(),
    environmentId: 'default',
    actor: { kind: 'user', id: 'u1', name: 'Ada' },
    act,
    object: { kind: 'mapping', id: 'm1', name: 'checkout' },
    alsoTouches: [],
    before: null,
    after,
    reason: null,
    source: 'dashboard',
    requestId: `r${seq}`,
    revision: seq,
  }
}

function seal(
  all: readonly AuditFacts[],
  start: ChainEnd = { seq: 0, mac: NO_MAC },
  keys = ours,
): AuditRow[] {
  let end = start
  return all.map((each) => {
    const sealed = sealFacts(keys.current, end, each)
    end = { seq: each.seq, mac: sealed.mac }
    return { facts: each, ...sealed }
  })
}

const upTo = (length: number) => seal(Array.from({ length }, (_, i) => facts(i + 1)))
const endOf = (rows: readonly AuditRow[]): ChainEnd => {
  const last = rows.at(-1)
  return { seq: last?.facts.seq ?? 0, mac: last?.mac ?? NO_MAC }
}

function verify(
  rows: readonly AuditRow[],
  options: { end?: ChainEnd; witnesses?: ChainEnd[]; pruned?: ChainEnd; keys?: typeof ours } = {},
) {
  const { end = endOf(rows), witnesses = [], pruned = null, keys = ours } = options
  return verifyTrail({
    pageAfter: async (seq, size) => ({ rows: rows.filter((row) => row.facts.seq > seq).slice(0, size), end }),
    keys,
    witnesses,
    pruned,
  })
}

const row = (rows: readonly AuditRow[], seq: number) => rows[seq - 1] as AuditRow
const altered = (one: AuditRow): AuditRow => ({ ...one, facts: { ...one.facts, after: { percent: 100 } } })

describe('a trail as it was written', () => {
  it.each([0, 1, 2, 1_000, 1_001, 2_345])(
    'is intact with %i rows, and with a witness of its end',
    async (length) => {
      const rows = upTo(length)
      const witnesses = [endOf(rows)]
      expect(await verify(rows, { witnesses })).toMatchObject({ finding: null, rows: length, last: length })
    },
  )

  it('is intact over a change of the key, as long as the older one is given', async () => {
    const first = upTo(5)
    const next = auditKeys('the key that came afterwards, also long')
    const rows = [...first, ...seal([facts(6), facts(7)], endOf(first), next)]
    const both = auditKeys('the key that came afterwards, also long', [
      'the key of this control plane, long enough',
    ])
    expect((await verify(rows, { keys: both })).finding).toBeNull()
    expect((await verify(rows, { keys: next })).finding).toMatchObject({ seq: 1 })
  })

  it('covers the rows older than the chain by its first entry', async () => {
    const older = [facts(1), facts(4)].map((each): AuditRow => ({ facts: each, canonical: null, mac: null }))
    const digest = olderDigest()
    for (const each of older) digest.add(each.facts)
    const genesis = facts(5, 'audit.genesis', { through: 4, digest: digest.hex() })
    const rows = [...older, ...seal([genesis, facts(6)], { seq: 4, mac: NO_MAC })]
    expect((await verify(rows)).finding).toBeNull()
    const forged = rows.with(1, altered(rows[1] as AuditRow))
    expect((await verify(forged)).finding).toMatchObject({ seq: 1, kind: 'altered' })
  })

  it('may begin later behind a sealed entry of removal, and only then', async () => {
    const all = upTo(10)
    const cut = endOf(all.slice(0, 4))
    const entry = seal([facts(11, 'audit.prune', { through: cut.seq, mac: cut.mac })], endOf(all))
    const left = [...all.slice(4), ...entry]
    expect((await verify(left, { pruned: cut })).finding).toBeNull()
    expect((await verify(left)).finding).toMatchObject({ seq: 1, kind: 'missing' })
    const more = [...all.slice(6), ...entry]
    expect((await verify(more, { pruned: cut })).finding).toMatchObject({ seq: 1, kind: 'missing' })
    expect((await verify(all.slice(4), { pruned: cut })).finding).toMatchObject({ seq: 4, kind: 'missing' })
  })
})

describe('a trail that somebody touched', () => {
  const found = async (rows: readonly AuditRow[], options: Parameters<typeof verify>[1] = {}) => {
    const { finding } = await verify(rows, { end: endOf(upTo(20)), ...options })
    return [finding?.seq, finding?.kind] as const
  }
  const rows = upTo(20)

  it.each<[string, readonly AuditRow[], number, Tampering]>([
    ['its columns changed', rows.with(6, altered(row(rows, 7))), 7, 'altered'],
    [
      'its sealed text changed',
      rows.with(6, { ...row(rows, 7), canonical: '{"seq":7,"key":"x"}' }),
      7,
      'altered',
    ],
    ['no text that can be read', rows.with(6, { ...row(rows, 7), canonical: '{' }), 7, 'altered'],
    [
      'its seal made anew without the key',
      rows.with(6, { ...row(rows, 7), mac: 'ab'.repeat(32) }),
      7,
      'altered',
    ],
    ['the last row changed', rows.with(19, altered(row(rows, 20))), 20, 'altered'],
    ['a row from the middle gone', rows.toSpliced(6, 1), 7, 'missing'],
    ['the first row gone', rows.slice(1), 1, 'missing'],
    ['no rows left', [], 1, 'truncated'],
    ['the last ten gone', rows.slice(0, 10), 11, 'truncated'],
    [
      'a row never sealed in the middle',
      rows.with(6, { ...row(rows, 7), canonical: null, mac: null }),
      7,
      'inserted',
    ],
    ['a row added at the end', [...rows, { ...altered(row(rows, 20)), facts: facts(21) }], 21, 'reordered'],
  ])('%s: row %#', async (_what, touched, seq, kind) => {
    expect(await found(touched)).toEqual([seq, kind])
  })

  it('two rows swapped are reordered', async () => {
    const swap = (from: AuditRow, seq: number): AuditRow => ({ ...from, facts: { ...from.facts, seq } })
    const touched = rows.with(4, swap(row(rows, 9), 5)).with(8, swap(row(rows, 5), 9))
    expect(await found(touched)).toEqual([5, 'reordered'])
  })

  it('one added behind the head with a seal of its own is inserted', async () => {
    const added = seal([facts(21)], endOf(rows), stranger)
    expect(await found([...rows, ...added])).toEqual([21, 'inserted'])
  })

  it('one sealed anew from a row on, without our key, is rewritten from there', async () => {
    const before = rows.slice(0, 7)
    const anew = seal(
      rows.slice(7).map(({ facts: same }) => ({ ...same, after: {} })),
      endOf(before),
      stranger,
    )
    expect(await found([...before, ...anew], { end: endOf(anew) })).toEqual([8, 'rewritten'])
  })

  it('one sealed anew with our key is rewritten where a witness saw something else', async () => {
    const before = rows.slice(0, 7)
    const anew = seal(
      rows.slice(7).map(({ facts: same }) => ({ ...same, after: {} })),
      endOf(before),
    )
    const all = [...before, ...anew]
    expect(await found(all, { end: endOf(all) })).toEqual([undefined, undefined])
    const witnesses = [endOf(rows.slice(0, 5)), endOf(rows.slice(0, 12))]
    expect(await found(all, { end: endOf(all), witnesses })).toEqual([12, 'rewritten'])
  })

  it('one shortened together with its head is known by a witness alone', async () => {
    const left = rows.slice(0, 10)
    expect(await found(left, { end: endOf(left) })).toEqual([undefined, undefined])
    expect(await found(left, { end: endOf(left), witnesses: [endOf(rows)] })).toEqual([11, 'truncated'])
  })

  it('is found wherever one row is touched, and never before that row', async () => {
    await assert(
      asyncProperty(
        integer({ min: 1, max: 20 }),
        constantFrom('columns', 'canonical', 'mac', 'gone'),
        async (seq, what) => {
          const one = row(rows, seq)
          const touched =
            what === 'gone'
              ? rows.toSpliced(seq - 1, 1)
              : rows.with(
                  seq - 1,
                  what === 'columns'
                    ? altered(one)
                    : { ...one, [what]: what === 'mac' ? 'cd'.repeat(32) : `${one.canonical} ` },
                )
          expect((await found(touched))[0]).toBe(seq)
        },
      ),
    )
  })
})
