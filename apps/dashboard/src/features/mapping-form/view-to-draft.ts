import type { FieldEdits, Target } from '@crossfade/core/model'
import type { MappingView } from '@crossfade/contracts/api/mappings'
import { emptyDraft, type MappingDraft, type Pair, type TargetDraft } from './mapping-draft.ts'
import { draftOfPolicy } from './policy-draft.ts'

/** What the form shows of a stored mapping. */
export function draftOfView(view: MappingView): MappingDraft {
  const { path } = view.match
  const { identity } = view.split
  return {
    ...emptyDraft(),
    name: view.name,
    owner: view.owner,
    description: view.description,
    methods: [...view.match.methods],
    host: view.match.host ?? '',
    pathKind: path.kind,
    pathValue: path.kind === 'template' ? path.template : path.kind === 'regex' ? path.pattern : path.path,
    position: path.kind === 'regex' ? path.position : 0,
    legacy: targetDraftOf(view.legacy),
    new: targetDraftOf(view.new),
    splitKind: view.split.kind,
    groupId: view.split.kind === 'group' ? view.split.groupId : '',
    cohortId: view.split.cohort.id,
    identityKind: identity.kind,
    identityName: 'name' in identity ? identity.name : '',
    missing: view.split.missing,
    segments: [...view.segments],
    writes: view.writes.kind === 'with-share' ? 'with-share' : view.writes.phase,
    originalUriOnAnswers: view.originalUriOnAnswers,
    policy: draftOfPolicy(view.policy),
  }
}

function targetDraftOf({ serviceId, rewrite, host }: Target): TargetDraft {
  const { path } = rewrite
  return {
    serviceId,
    pathKind: path === null ? 'keep' : path.kind,
    pathValue: path === null ? '' : path.kind === 'prefix' ? path.to : path.template,
    querySet: pairsOf(rewrite.query),
    queryDrop: [...rewrite.query.drop],
    headerSet: pairsOf(rewrite.headers),
    headerDrop: [...rewrite.headers.drop],
    mapBack: rewrite.mapBack,
    hostKind: host.kind,
    hostValue: host.kind === 'fixed' ? host.value : '',
  }
}

function pairsOf({ set }: FieldEdits): Pair[] {
  return Object.entries(set).map(([name, value]) => ({ name, value }))
}
