import type { GroupInput, GroupView } from '@crossfade/contracts/api/groups'
import type { Identity } from '@crossfade/core/model'
import type { FieldError } from '@crossfade/contracts/problems'
import type { SplitDraft } from '../../shared/forms/split-fields.tsx'

/** A group while it is typed; its share is moved elsewhere. */
export interface GroupDraft extends SplitDraft {
  readonly name: string
  readonly description: string
}

export function draftOfGroup(view: GroupView | null): GroupDraft {
  if (view === null)
    return {
      name: '',
      description: '',
      cohortId: '',
      identityKind: 'request',
      identityName: '',
      missing: 'legacy',
    }
  const { cohort, identity, missing } = view.split
  return {
    name: view.name,
    description: view.description,
    cohortId: cohort.id,
    identityKind: identity.kind,
    identityName: 'name' in identity ? identity.name : '',
    missing,
  }
}

export function inputOfGroup(draft: GroupDraft): GroupInput {
  return {
    name: draft.name.trim(),
    description: draft.description.trim(),
    split: {
      cohortId: draft.cohortId === '' ? null : draft.cohortId,
      identity: identityOf(draft.identityKind, draft.identityName.trim()),
      missing: draft.missing,
    },
  }
}

/** What can be said without asking: an identity that has a name needs it. */
export function unansweredOfGroup(draft: GroupDraft): readonly FieldError[] {
  const errors: FieldError[] = []
  if (draft.name.trim() === '') errors.push({ path: 'name', message: 'Give the group a name' })
  if (!['request', 'client-ip'].includes(draft.identityKind) && draft.identityName.trim() === '')
    errors.push({ path: 'split.identity.name', message: `Give the name of the ${draft.identityKind}` })
  return errors
}

export function groupFieldOf(path: string): string | null {
  return places.find(([prefix]) => path === prefix || path.startsWith(`${prefix}.`))?.[1] ?? null
}

/** Longer prefixes first. */
const places: readonly (readonly [string, keyof GroupDraft])[] = [
  ['name', 'name'],
  ['description', 'description'],
  ['split.cohortId', 'cohortId'],
  ['split.identity.name', 'identityName'],
  ['split.missing', 'missing'],
  ['split', 'identityKind'],
]

function identityOf(kind: Identity['kind'], name: string): Identity {
  if (kind === 'client-ip' || kind === 'request') return { kind }
  return { kind, name: kind === 'header' ? name.toLowerCase() : name }
}
