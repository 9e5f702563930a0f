import { mappingInputSchema, type MappingInput } from '@crossfade/contracts/api/mappings'
import type { FieldError } from '@crossfade/contracts/problems'
import { inputOfDraft } from './draft-to-input.ts'
import type { MappingDraft } from './mapping-draft.ts'

export type CheckedDraft =
  | { readonly ok: true; readonly input: MappingInput }
  | { readonly ok: false; readonly errors: readonly FieldError[] }

/** What can be said without asking the control plane; field paths are the API's. */
export function checkDraft(draft: MappingDraft): CheckedDraft {
  const input = inputOfDraft(draft)
  const missing = [...unanswered(draft), ...repeated(draft)]
  const told = new Set(missing.map(({ path }) => path))
  const parsed = mappingInputSchema.safeParse(input)
  const issues = (parsed.error?.issues ?? []).map((issue) => ({
    path: issue.path.map(String).join('.'),
    message: issue.message,
  }))
  const errors = [...missing, ...issues.filter(({ path }) => !told.has(path))]
  return errors.length === 0 ? { ok: true, input } : { ok: false, errors }
}

function unanswered(draft: MappingDraft): FieldError[] {
  const errors: FieldError[] = []
  const ask = (path: string, message: string, isMissing: boolean) =>
    isMissing && errors.push({ path, message })
  ask('name', 'Give the mapping a name', draft.name.trim() === '')
  ask(pathField(draft), 'Give a path', draft.pathValue.trim() === '')
  ask('legacy.serviceId', 'Choose the service that answers today', draft.legacy.serviceId === '')
  ask('new.serviceId', 'Choose the service that takes over', draft.new.serviceId === '')
  ask('split.groupId', 'Choose a group', draft.splitKind === 'group' && draft.groupId === '')
  const isNamed = !['request', 'client-ip'].includes(draft.identityKind)
  ask(
    'split.identity.name',
    `Give the name of the ${draft.identityKind}`,
    draft.splitKind === 'own' && isNamed && draft.identityName.trim() === '',
  )
  return errors
}

/** A record cannot hold a name twice, so a second line would silently win. */
function repeated(draft: MappingDraft): FieldError[] {
  return (['legacy', 'new'] as const).flatMap((side) =>
    (['query', 'headers'] as const).flatMap((where) => {
      const pairs = where === 'query' ? draft[side].querySet : draft[side].headerSet
      const names = pairs.map(({ name }) => (where === 'headers' ? name.trim().toLowerCase() : name.trim()))
      const twice = names.find((name, at) => name !== '' && names.indexOf(name) !== at)
      return twice === undefined
        ? []
        : [{ path: `${side}.rewrite.${where}.set`, message: `“${twice}” stands here twice` }]
    }),
  )
}

function pathField({ pathKind }: MappingDraft): string {
  if (pathKind === 'template') return 'match.path.template'
  return pathKind === 'regex' ? 'match.path.pattern' : 'match.path.path'
}
