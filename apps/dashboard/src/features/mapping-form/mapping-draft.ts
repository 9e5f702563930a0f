import { z } from 'zod'
import { missingSchema } from '@crossfade/contracts/entities'
import { defaultPolicy } from '@crossfade/core/policy/defaults'
import { draftOfPolicy, policyDraftSchema } from './policy-draft.ts'

/**
 * What the form holds while somebody types: strings where the API has optional and nested things, so that
 * half-filled fields can be kept, also over a reload. `draft-to-input.ts` makes the API's shape of it.
 */
const pairSchema = z.object({ name: z.string(), value: z.string() })
export type Pair = z.infer<typeof pairSchema>

const targetDraftSchema = z.object({
  /** Empty until one is chosen. */
  serviceId: z.string(),
  pathKind: z.enum(['keep', 'template', 'prefix']),
  pathValue: z.string(),
  querySet: z.array(pairSchema),
  queryDrop: z.array(z.string()),
  headerSet: z.array(pairSchema),
  headerDrop: z.array(z.string()),
  mapBack: z.boolean(),
  hostKind: z.enum(['client', 'service', 'fixed']),
  hostValue: z.string(),
})
export type TargetDraft = z.infer<typeof targetDraftSchema>

export const mappingDraftSchema = z.object({
  name: z.string(),
  owner: z.string(),
  description: z.string(),
  /** Empty means any method. */
  methods: z.array(z.string()),
  /** Empty means any host. */
  host: z.string(),
  pathKind: z.enum(['exact', 'prefix', 'template', 'regex']),
  pathValue: z.string(),
  /** Order among regexes; ignored for the other kinds. */
  position: z.number(),
  legacy: targetDraftSchema,
  new: targetDraftSchema,
  splitKind: z.enum(['own', 'group']),
  groupId: z.string(),
  /** Empty makes a new cohort. */
  cohortId: z.string(),
  identityKind: z.enum(['request', 'cookie', 'header', 'query', 'client-ip', 'claim']),
  identityName: z.string(),
  missing: missingSchema,
  segments: z.array(z.string()),
  writes: z.enum(['with-share', 'off', 'dual-legacy', 'dual-new', 'complete']),
  originalUriOnAnswers: z.boolean(),
  policy: policyDraftSchema,
})
export type MappingDraft = z.infer<typeof mappingDraftSchema>

export function emptyDraft(): MappingDraft {
  return {
    name: '',
    owner: '',
    description: '',
    methods: [],
    host: '',
    pathKind: 'prefix',
    pathValue: '',
    position: 0,
    legacy: emptyTarget('client'),
    new: emptyTarget('service'),
    splitKind: 'own',
    groupId: '',
    cohortId: '',
    identityKind: 'request',
    identityName: '',
    missing: 'legacy',
    segments: [],
    writes: 'with-share',
    originalUriOnAnswers: false,
    policy: draftOfPolicy(defaultPolicy),
  }
}

function emptyTarget(hostKind: TargetDraft['hostKind']): TargetDraft {
  return {
    serviceId: '',
    pathKind: 'keep',
    pathValue: '',
    querySet: [],
    queryDrop: [],
    headerSet: [],
    headerDrop: [],
    mapBack: true,
    hostKind,
    hostValue: '',
  }
}
