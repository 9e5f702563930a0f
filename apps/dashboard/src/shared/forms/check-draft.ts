import type { MappingCheck } from '@crossfade/core/auth/auth'
import { z } from 'zod'
import { listText } from '../format.ts'

/** What callers must show, while it is edited. */
export const checkDraftSchema = z.object({
  mode: z.enum(['inherit', 'none', 'ask']),
  jwt: z.boolean(),
  apiKey: z.boolean(),
  /** Empty: all of the environment. */
  issuers: z.array(z.string()),
  claims: z.array(z.object({ claim: z.string(), values: z.array(z.string()) })),
  drop: z.boolean(),
})
export type CheckDraft = z.infer<typeof checkDraftSchema>

export function draftOfCheck(check: MappingCheck): CheckDraft {
  const nothing = { jwt: true, apiKey: false, issuers: [], claims: [], drop: false }
  if (typeof check === 'string') return { ...nothing, mode: check }
  return {
    mode: 'ask',
    jwt: check.anyOf.includes('jwt'),
    apiKey: check.anyOf.includes('api-key'),
    issuers: [...check.issuers],
    claims: check.requiredClaims.map(({ claim, values }) => ({ claim, values: [...values] })),
    drop: check.forward === 'drop',
  }
}

/** Issuers and claims go with tokens only. */
export function checkOfDraft(draft: CheckDraft) {
  if (draft.mode !== 'ask') return draft.mode
  const kinds = [...(draft.jwt ? ['jwt' as const] : []), ...(draft.apiKey ? ['api-key' as const] : [])]
  return {
    anyOf: kinds,
    issuers: draft.jwt ? draft.issuers : [],
    requiredClaims: draft.jwt
      ? draft.claims
          .filter(({ claim, values }) => claim.trim() !== '' || values.length > 0)
          .map(({ claim, values }) => ({ claim: claim.trim(), values }))
      : [],
    forward: draft.drop ? ('drop' as const) : ('keep' as const),
  }
}

/** One line about who gets in. */
export function checkSummary(draft: CheckDraft): string {
  if (draft.mode === 'inherit') return 'As the environment says.'
  if (draft.mode === 'none') return 'Anybody may call.'
  const from = draft.issuers.length === 0 ? '' : ` of ${listText(draft.issuers)}`
  const shown = [draft.jwt ? `a token${from}` : '', draft.apiKey ? 'an API key' : ''].filter(Boolean)
  return shown.length === 0 ? 'Nothing is chosen yet.' : `Callers must show ${shown.join(' or ')}.`
}
