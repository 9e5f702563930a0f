import type { FieldEdits, Identity, PathPattern, Writes } from '@crossfade/core/model'
import type { MappingInput } from '@crossfade/contracts/api/mappings'
import type { MappingDraft, Pair, TargetDraft } from './mapping-draft.ts'
import { policyOfDraft } from './policy-draft.ts'

/** The API's shape of what was typed. Meaning is judged by the contract's schema and the control plane. */
export function inputOfDraft(draft: MappingDraft): MappingInput {
  return {
    name: draft.name.trim(),
    owner: draft.owner.trim(),
    description: draft.description.trim(),
    match: {
      methods: [...new Set(draft.methods.map((method) => method.trim().toUpperCase()))]
        .filter(Boolean)
        .sort(),
      host: draft.host.trim() === '' ? null : draft.host.trim().toLowerCase(),
      path: pathOf(draft),
    },
    legacy: targetOf(draft.legacy),
    new: targetOf(draft.new),
    split:
      draft.splitKind === 'group'
        ? { kind: 'group', groupId: draft.groupId }
        : {
            kind: 'own',
            cohortId: draft.cohortId === '' ? null : draft.cohortId,
            identity: identityOf(draft.identityKind, draft.identityName),
            missing: draft.missing,
          },
    segments: [...draft.segments],
    writes: writesOf(draft.writes),
    originalUriOnAnswers: draft.originalUriOnAnswers,
    policy: policyOfDraft(draft.policy),
  }
}

/** The identity of a kind and a name; header names are kept in lower case. */
export function identityOf(kind: Identity['kind'], name: string): Identity {
  if (kind === 'client-ip' || kind === 'request') return { kind }
  return { kind, name: kind === 'header' ? name.trim().toLowerCase() : name.trim() }
}

function pathOf({ pathKind, pathValue, position }: MappingDraft): PathPattern {
  if (pathKind === 'template') return { kind: 'template', template: pathValue.trim() }
  // A regex may end in a space on purpose.
  if (pathKind === 'regex') return { kind: 'regex', pattern: pathValue, position }
  return { kind: pathKind, path: pathValue.trim() }
}

function targetOf(draft: TargetDraft): MappingInput['new'] {
  const lower = (name: string) => name.trim().toLowerCase()
  const trimmed = (name: string) => name.trim()
  return {
    serviceId: draft.serviceId,
    rewrite: {
      path:
        draft.pathKind === 'keep'
          ? null
          : draft.pathKind === 'prefix'
            ? { kind: 'prefix', to: draft.pathValue.trim() }
            : { kind: 'template', template: draft.pathValue.trim() },
      query: editsOf(draft.querySet, draft.queryDrop, trimmed),
      headers: editsOf(draft.headerSet, draft.headerDrop, lower),
      mapBack: draft.mapBack,
    },
    host:
      draft.hostKind === 'fixed'
        ? { kind: 'fixed', value: draft.hostValue.trim() }
        : { kind: draft.hostKind },
  }
}

function editsOf(set: readonly Pair[], drop: readonly string[], tidy: (name: string) => string) {
  const filled = set.filter(({ name, value }) => name.trim() !== '' || value !== '')
  return {
    set: Object.fromEntries(filled.map(({ name, value }) => [tidy(name), value])),
    drop: [...new Set(drop.map(tidy))].filter(Boolean),
  } satisfies FieldEdits
}

function writesOf(writes: MappingDraft['writes']): Writes {
  return writes === 'with-share' ? { kind: 'with-share' } : { kind: 'phased', phase: writes }
}
