import type { FromAgent } from '@crossfade/contracts/link'
import type { FieldError } from '@crossfade/contracts/problems'
import {
  headerSchema,
  type SnapshotDelta,
  type SnapshotEntry,
  type SnapshotHeader,
  type WholeSnapshot,
} from '@crossfade/contracts/snapshot'
import type { Snapshot } from '@crossfade/core/model'
import { compileSnapshot, type RoutingTable } from '@crossfade/core/routing-table'
import { SnapshotError } from '@crossfade/core/snapshot-error'
import { parseJson } from '@crossfade/runtime/safe-json'
import { contentHash, isSignedBy } from '@crossfade/runtime/seal'
import { applyDelta } from './apply-delta.ts'
import { assemble, mappingIdsOf, parseEntries, type Base } from './base.ts'

export type NackPhase = Extract<FromAgent, { type: 'nack' }>['phase']
export interface Refusal {
  readonly kind: 'refuse'
  readonly phase: NackPhase
  readonly errors: readonly FieldError[]
}

export type SnapshotMessage =
  | { readonly kind: 'whole'; readonly whole: WholeSnapshot }
  | { readonly kind: 'delta'; readonly delta: SnapshotDelta }

export type SnapshotVerdict =
  | { readonly kind: 'install'; readonly base: Base }
  /** What runs already: acknowledged again without work. */
  | { readonly kind: 'same' }
  | Refusal

/** Below this many mappings a snapshot may shrink as it likes (rule 25). */
const shrinkMatters = 20

/** Whom we believe: raw public keys our token's fingerprint vouches for, and the environment we are told is ours. */
export interface Trust {
  readonly keys: readonly string[]
  /** Null until a control plane has said so. */
  readonly environmentId: string | null
}

/**
 * What to do with a snapshot, whatever way it came. All or nothing (rules 24-25): every check is passed, or
 * one refusal says why and what runs stays.
 */
export function receiveSnapshot(held: Base | null, message: SnapshotMessage, trust: Trust): SnapshotVerdict {
  const sealed = message.kind === 'whole' ? message.whole : message.delta
  const header = readHeader(sealed.header, sealed.signature, trust.keys)
  if ('kind' in header) return header

  const place = refuseStranger(held, header, trust) ?? placeOf(held, header)
  if (place) return place

  const entries =
    message.kind === 'whole' ? wholeEntries(message.whole, header) : deltaEntries(held, message.delta, header)
  if ('kind' in entries) return entries

  const shrunken = held && refuseShrunken(held, header, entries)
  return shrunken ?? build(held, { header: sealed.header, signature: sealed.signature, entries }, header)
}

function readHeader(text: string, signature: string, trusted: readonly string[]): SnapshotHeader | Refusal {
  if (!trusted.some((key) => isSignedBy(key, text, signature))) {
    return refuse('integrity', 'signature', 'No key that our token vouches for has signed this header')
  }
  try {
    const parsed = headerSchema.safeParse(parseJson(text))
    if (parsed.success) return parsed.data
    const errors = parsed.error.issues.map((issue) => ({
      path: ['header', ...issue.path].join('.'),
      message: issue.message,
    }))
    return { kind: 'refuse', phase: 'schema', errors }
  } catch {
    return refuse('schema', 'header', 'Is not JSON')
  }
}

/** What runs here counts more than what the link says: one state directory never changes its environment. */
function refuseStranger(held: Base | null, header: SnapshotHeader, trust: Trust): Refusal | null {
  const ours = held?.header.environmentId ?? trust.environmentId
  if (ours === null || header.environmentId === ours) return null
  return refuse(
    'integrity',
    'header.environmentId',
    `This agent serves environment ${ours}; another one needs a state directory of its own`,
  )
}

/** Where the header stands in our history; null when it is our next snapshot. */
function placeOf(held: Base | null, header: SnapshotHeader): { readonly kind: 'same' } | Refusal | null {
  if (!held) return null
  const ours = held.header
  if (header.epoch !== ours.epoch) {
    return header.previousEpoch === ours.epoch
      ? null
      : refuse('epoch', 'header.previousEpoch', `A new epoch must name ${ours.epoch}, the one that runs here`)
  }
  if (header.revision > ours.revision) return null
  if (header.revision < ours.revision) {
    return refuse('stale', 'header.revision', `${header.revision} is older than ${ours.revision}`)
  }
  return header.hash === ours.hash
    ? { kind: 'same' }
    : refuse('conflict', 'header.hash', `Revision ${ours.revision} runs here with other content`)
}

function wholeEntries(whole: WholeSnapshot, header: SnapshotHeader): SnapshotEntry[] | Refusal {
  return contentHash(whole.entries) === header.hash
    ? whole.entries
    : refuse('integrity', 'header.hash', 'The entries are not the ones that were signed')
}

/** Phase `base` asks for a whole snapshot: a delta that leads elsewhere is no reason to distrust its sender. */
function deltaEntries(
  held: Base | null,
  delta: SnapshotDelta,
  header: SnapshotHeader,
): SnapshotEntry[] | Refusal {
  if (held?.header.hash !== delta.base) return refuse('base', 'base', 'Is not what runs here')
  const entries = applyDelta(held.whole.entries, delta)
  return contentHash(entries) === header.hash
    ? entries
    : refuse('base', 'header.hash', 'The delta does not lead to the entries that were signed')
}

/** Rule 25: more than half of the mappings gone, and the audited deletes do not account for it. */
function refuseShrunken(
  held: Base,
  header: SnapshotHeader,
  entries: readonly SnapshotEntry[],
): Refusal | null {
  const before = mappingIdsOf(held.whole.entries)
  const after = mappingIdsOf(entries)
  const gone = [...before].filter((id) => !after.has(id)).length
  const deleted = Math.max(0, header.mappingsDeleted - held.header.mappingsDeleted)
  if (before.size < shrinkMatters || gone - deleted <= before.size / 2) return null
  return refuse(
    'shrunken',
    'mappings',
    `${gone} of ${before.size} mappings are gone, and only ${deleted} were deleted by somebody`,
  )
}

function build(held: Base | null, whole: WholeSnapshot, header: SnapshotHeader): SnapshotVerdict {
  const { entities, errors } = parseEntries(whole.entries, held?.entities ?? new Map())
  if (errors.length > 0) return { kind: 'refuse', phase: 'schema', errors }
  const snapshot = assemble(header, entities)
  if ('message' in snapshot) return { kind: 'refuse', phase: 'schema', errors: [snapshot] }
  const table = compile(snapshot)
  if ('kind' in table) return table
  return { kind: 'install', base: { header, whole, entities, snapshot, table } }
}

function compile(snapshot: Snapshot): RoutingTable | Refusal {
  try {
    return compileSnapshot(snapshot)
  } catch (error) {
    if (!(error instanceof SnapshotError)) throw error
    return { kind: 'refuse', phase: 'semantic', errors: error.errors }
  }
}

function refuse(phase: NackPhase, path: string, message: string): Refusal {
  return { kind: 'refuse', phase, errors: [{ path, message }] }
}
