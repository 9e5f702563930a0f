import type { MappingInput } from '@crossfade/contracts/api/mappings'
import type { Attribute, Policy } from '@crossfade/core/model'
import { defaultPolicy } from '@crossfade/core/policy/defaults'
import { z } from 'zod'
import { checkDraftSchema, checkOfDraft, draftOfCheck } from '../../shared/forms/check-draft.ts'
import { listText, percentText } from '../../shared/format.ts'

/** A number while it is typed: may be empty text. */
const typed = z.union([z.number(), z.string()])
export type Typed = z.infer<typeof typed>

const limitDraftSchema = z.object({
  name: z.string(),
  /** `all` counts every caller together. */
  keyKind: z.enum(['all', 'client-ip', 'header', 'cookie', 'query', 'claim', 'method', 'path', 'host']),
  keyName: z.string(),
  side: z.enum(['both', 'legacy', 'new']),
  perSecond: typed,
  burst: typed,
})
export type LimitDraft = z.infer<typeof limitDraftSchema>

export const policyDraftSchema = z.object({
  hasBreaker: z.boolean(),
  failurePercent: typed,
  minimumSample: typed,
  windowMs: typed,
  openMs: typed,
  safeFallback: z.boolean(),
  /** As text, one status each. */
  readThrough: z.array(z.string()),
  idempotentWrites: z.boolean(),
  /** Empty for no limit, as are the two below. */
  bodyLimitBytes: typed,
  concurrencyLegacy: typed,
  concurrencyNew: typed,
  limits: z.array(limitDraftSchema),
  loopsBackToLegacy: z.boolean(),
  auth: checkDraftSchema,
})
export type PolicyDraft = z.infer<typeof policyDraftSchema>

export function draftOfPolicy(policy: Policy): PolicyDraft {
  const breaker = policy.breaker ?? defaultPolicy.breaker
  return {
    hasBreaker: policy.breaker !== null,
    failurePercent: breaker?.failurePercent ?? '',
    minimumSample: breaker?.minimumSample ?? '',
    windowMs: breaker?.windowMs ?? '',
    openMs: breaker?.openMs ?? '',
    safeFallback: policy.safeFallback,
    readThrough: policy.readThrough.map(String),
    idempotentWrites: policy.idempotentWrites,
    bodyLimitBytes: policy.bodyLimitBytes ?? '',
    concurrencyLegacy: policy.concurrency.legacy ?? '',
    concurrencyNew: policy.concurrency.new ?? '',
    limits: policy.limits.map(({ name, key, side, perSecond, burst }) => ({
      name,
      keyKind: key?.kind ?? 'all',
      keyName: key !== null && 'name' in key ? key.name : '',
      side: side ?? 'both',
      perSecond,
      burst,
    })),
    loopsBackToLegacy: policy.loopsBackToLegacy,
    auth: draftOfCheck(policy.auth),
  }
}

export function emptyLimit(): LimitDraft {
  return { name: '', keyKind: 'client-ip', keyName: '', side: 'both', perSecond: 10, burst: 20 }
}

export function policyOfDraft(draft: PolicyDraft): NonNullable<MappingInput['policy']> {
  return {
    breaker: draft.hasBreaker
      ? {
          failurePercent: whole(draft.failurePercent),
          minimumSample: whole(draft.minimumSample),
          windowMs: whole(draft.windowMs),
          openMs: whole(draft.openMs),
        }
      : null,
    safeFallback: draft.safeFallback,
    readThrough: [...new Set(draft.readThrough.map(whole))],
    idempotentWrites: draft.idempotentWrites,
    bodyLimitBytes: orNone(draft.bodyLimitBytes),
    limits: draft.limits.map(({ name, keyKind, keyName, side, perSecond, burst }) => ({
      name: name.trim(),
      key: keyOf(keyKind, keyName),
      side: side === 'both' ? null : side,
      perSecond: whole(perSecond),
      burst: whole(burst),
    })),
    concurrency: { legacy: orNone(draft.concurrencyLegacy), new: orNone(draft.concurrencyNew) },
    loopsBackToLegacy: draft.loopsBackToLegacy,
    auth: checkOfDraft(draft.auth),
  }
}

export function isNamedKey(kind: LimitDraft['keyKind']): boolean {
  return ['header', 'cookie', 'query', 'claim'].includes(kind)
}

/** One line about what protects the mapping. */
export function policySummary(draft: PolicyDraft): string {
  const parts = [
    draft.hasBreaker ? `a breaker at ${percentText(Number(draft.failurePercent))} failures` : '',
    draft.safeFallback ? 'safe fallback' : '',
    draft.readThrough.length > 0 ? `read-through for ${listText(draft.readThrough)}` : '',
    draft.idempotentWrites ? 'writes may be retried' : '',
    draft.bodyLimitBytes === '' ? '' : 'a body limit',
    draft.limits.length > 0
      ? `${draft.limits.length} rate ${draft.limits.length === 1 ? 'limit' : 'limits'}`
      : '',
    draft.concurrencyLegacy === '' && draft.concurrencyNew === '' ? '' : 'caps on requests at once',
  ].filter(Boolean)
  if (parts.length === 0) return 'Nothing protects either side of this mapping.'
  const words = listText(parts)
  return `${words[0]?.toUpperCase()}${words.slice(1)}. Counted by each agent for itself.`
}

function keyOf(kind: LimitDraft['keyKind'], name: string): Attribute | null {
  switch (kind) {
    case 'all':
      return null
    case 'header':
      return { kind, name: name.trim().toLowerCase() }
    case 'cookie':
    case 'query':
    case 'claim':
      return { kind, name: name.trim() }
    default:
      return { kind }
  }
}

function orNone(value: Typed): number | null {
  return value === '' ? null : Number(value)
}

/** NaN for empty text: the schema then says that a number is missing. */
function whole(value: Typed): number {
  return value === '' ? Number.NaN : Number(value)
}
