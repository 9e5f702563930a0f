import { canonicalJson } from '@crossfade/runtime/canonical-json'
import { parseJson } from '@crossfade/runtime/safe-json'
import type { AuditKeys } from './audit-keys.ts'
import { canonicalOf, macOf, NO_MAC, olderDigest, type AuditFacts, type ChainEnd } from './chain.ts'

/** A row as it stands: what its columns say, and what was sealed. */
export interface AuditRow {
  readonly facts: AuditFacts
  /** Null in rows older than the chain. */
  readonly canonical: string | null
  readonly mac: string | null
}

/**
 * `altered`: a row is not what was sealed. `missing`: it is gone. `reordered`: it stands in another's place.
 * `inserted`: it was never sealed. `truncated`: the trail was longer once. `rewritten`: all from there on was
 * sealed by somebody without our key, or is not what a witness saw.
 */
export type Tampering = 'altered' | 'missing' | 'reordered' | 'inserted' | 'truncated' | 'rewritten'

export interface Finding {
  /** The first bad row. */
  readonly seq: number
  readonly kind: Tampering
  readonly detail: string
}

export interface Verification {
  /** Rows looked at. */
  readonly rows: number
  readonly first: number | null
  readonly last: number
  /** Witnesses that saw what is there. */
  readonly witnesses: number
  readonly finding: Finding | null
}

export interface AuditPage {
  readonly rows: readonly AuditRow[]
  /** Where the trail said it ended, in the same moment. */
  readonly end: ChainEnd
}

/** Reads the whole trail, in order, and names the first bad row. `witnesses`: ends that were seen outside of the database. */
export async function verifyTrail(parts: {
  /** The rows after `seq`; fewer than `pageSize` end the trail. */
  readonly pageAfter: (seq: number, pageSize: number) => Promise<AuditPage>
  readonly keys: AuditKeys
  readonly witnesses: readonly ChainEnd[]
  /** Where the rows that were removed with a sealed entry ended, as that entry says. */
  readonly pruned: ChainEnd | null
}): Promise<Verification> {
  const pageSize = 1_000
  const reader = createReader(parts)
  for (;;) {
    const page = await parts.pageAfter(reader.last(), pageSize)
    for (const row of page.rows) if (!reader.take(row)) return reader.result(null)
    if (page.rows.length < pageSize) return reader.result(page.end)
  }
}

type ReaderParts = Pick<Parameters<typeof verifyTrail>[0], 'keys' | 'witnesses' | 'pruned'>

function createReader({ keys, witnesses, pruned }: ReaderParts) {
  const older = olderDigest()
  const seen = new Map(witnesses.map(({ seq }) => [seq, '']))
  let end: ChainEnd = { seq: 0, mac: NO_MAC }
  let first: number | null = null
  let rows = 0
  let unsealed = 0
  let isPrefixExcused = true
  /** A row whose seal is wrong, until those after it tell of which kind that is. */
  let suspect: Finding | null = null
  let brokenAfter = 0
  let finding: Finding | null = null

  const stop = (found: Finding): false => {
    finding = found
    return false
  }

  const begin = (row: AuditRow): Finding | null => {
    const { seq, act, after } = row.facts
    if (unsealed > 0) {
      const { through, digest } = (act === 'audit.genesis' ? after : {}) as {
        through?: number
        digest?: string
      }
      const fits = through === end.seq && digest === older.hex()
      const detail = 'The rows older than the chain are not those that were there when it began'
      return fits ? null : { seq: first ?? seq, kind: 'altered', detail }
    }
    if (seq === 1) return null
    if (pruned?.seq !== seq - 1)
      return { seq: 1, kind: 'missing', detail: `The trail begins with row ${seq}` }
    isPrefixExcused = false
    end = pruned
    return null
  }

  const sealed = (row: AuditRow, canonical: string): boolean => {
    const { seq } = row.facts
    const content = contentOf(canonical)
    if (content?.seq !== undefined && content.seq !== seq) {
      const detail = `Row ${content.seq} stands in the place of row ${seq}`
      return stop({ seq, kind: 'reordered', detail })
    }
    const key = keys.find(content?.key ?? '')
    const isGood = key !== null && macOf(key, end.mac, seq, canonical) === row.mac
    if (suspect !== null) {
      if (isGood) return stop(suspect)
      brokenAfter += 1
    } else if (!isGood) {
      suspect = { seq, kind: 'altered', detail: 'The row is not what was sealed' }
    } else if (canonicalOf(row.facts, key.id) !== canonical) {
      return stop({ seq, kind: 'altered', detail: 'The columns of the row do not say what was sealed' })
    }
    if (isGood && row.facts.act === 'audit.prune') isPrefixExcused ||= isEqual(prunedBy(row.facts), pruned)
    return true
  }

  return {
    last: () => end.seq,
    /** False when nothing more needs to be read. */
    take(row: AuditRow): boolean {
      const { seq } = row.facts
      rows += 1
      if (row.canonical === null || row.mac === null) {
        if (end.mac !== NO_MAC) return stop({ seq, kind: 'inserted', detail: 'The row was never sealed' })
        older.add(row.facts)
        unsealed += 1
        first ??= seq
        end = { seq, mac: NO_MAC }
        return true
      }
      if (end.mac === NO_MAC) {
        const wrong = begin(row)
        if (wrong !== null) return stop(wrong)
      }
      first ??= seq
      if (seq !== end.seq + 1) {
        return stop(
          suspect ?? { seq: end.seq + 1, kind: 'missing', detail: `After row ${end.seq} comes row ${seq}` },
        )
      }
      if (!sealed(row, row.canonical)) return false
      end = { seq, mac: row.mac }
      if (seen.has(seq)) seen.set(seq, row.mac)
      return true
    },
    result(stated: ChainEnd | null): Verification {
      const from = first ?? 1
      const checked = witnesses.filter(({ seq }) => seq >= from)
      const found =
        finding ??
        suspicion(suspect, brokenAfter, stated) ??
        atTheEnd(end, stated, checked, seen) ??
        (isPrefixExcused ? null : gone(from))
      return { rows, first, last: end.seq, witnesses: found === null ? checked.length : 0, finding: found }
    },
  }
}

/** One broken row spoils the seal of the next one at most; more than that were all sealed anew. */
function suspicion(suspect: Finding | null, brokenAfter: number, stated: ChainEnd | null): Finding | null {
  if (suspect === null) return null
  if (brokenAfter > 1) {
    const detail = 'This row and all after it were sealed without our key'
    return { ...suspect, kind: 'rewritten', detail }
  }
  if (stated !== null && suspect.seq > stated.seq) {
    return { ...suspect, kind: 'inserted', detail: 'The row was never sealed' }
  }
  return suspect
}

function atTheEnd(
  end: ChainEnd,
  stated: ChainEnd | null,
  witnesses: readonly ChainEnd[],
  seen: ReadonlyMap<number, string>,
): Finding | null {
  const longest = Math.max(stated?.seq ?? 0, ...witnesses.map(({ seq }) => seq))
  if (longest > end.seq) {
    const detail = `The trail ended with row ${longest} once, and ends with row ${end.seq} now`
    return { seq: end.seq + 1, kind: 'truncated', detail }
  }
  const other = witnesses.toSorted((a, b) => a.seq - b.seq).find(({ seq, mac }) => seen.get(seq) !== mac)
  if (other) {
    const detail = `A witness saw another row ${other.seq}: the trail was written anew, with our key or from a copy`
    return { seq: other.seq, kind: 'rewritten', detail }
  }
  if (
    stated !== null &&
    (stated.seq !== end.seq || (end.seq > 0 && stated.mac !== end.mac && end.mac !== NO_MAC))
  ) {
    return { seq: end.seq, kind: 'altered', detail: `The head of the trail names row ${stated.seq}` }
  }
  return null
}

/** What an entry of removal says: where the removed rows ended. */
export function prunedBy({ after }: Pick<AuditFacts, 'after'>): ChainEnd {
  const { through, mac } = after as { through: number; mac: string }
  return { seq: through, mac }
}

function gone(first: number): Finding {
  const detail = `No sealed entry says that the rows before ${first} were removed`
  return { seq: first - 1, kind: 'missing', detail }
}

function contentOf(canonical: string): { readonly seq?: number; readonly key?: string } | null {
  try {
    return parseJson(canonical) as { seq?: number; key?: string }
  } catch {
    return null
  }
}

function isEqual(a: unknown, b: unknown): boolean {
  return canonicalJson(a ?? null) === canonicalJson(b ?? null)
}
