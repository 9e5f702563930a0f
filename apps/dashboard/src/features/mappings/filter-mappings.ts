import type { MappingView } from '@crossfade/contracts/api/mappings'
import { matchText } from '../../shared/ui/match-text.tsx'
import type { MappingsSearch } from './mappings-search.ts'

/** A mapping as the list shows it. */
export interface Listed {
  readonly mapping: MappingView
  readonly percent: number
  /** Something is wrong with it: a side down or worse. */
  readonly needsAttention: boolean
}

/**
 * The rows the address asks for. `q` holds terms separated by commas or blanks; all must be found in name, owner,
 * match or group, and a `!term` must not.
 */
export function filterMappings<T extends Listed>(rows: readonly T[], search: MappingsSearch): T[] {
  const terms = (search.q ?? '')
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((term) => term !== '' && term !== '!')
  return rows.filter(
    (row) =>
      (search.state === undefined || stateOf(row.percent) === search.state) &&
      (search.owner === undefined || row.mapping.owner === search.owner) &&
      (search.group === undefined || groupOf(row.mapping)?.id === search.group) &&
      (search.attention !== true || row.needsAttention) &&
      terms.every((term) => fits(textOf(row.mapping), term)),
  )
}

export function stateOf(percent: number): 'legacy' | 'moving' | 'new' {
  if (percent === 0) return 'legacy'
  return percent === 100 ? 'new' : 'moving'
}

export function groupOf({ split }: MappingView): { id: string; name: string } | null {
  return split.kind === 'group' ? { id: split.groupId, name: split.groupName } : null
}

export function isFiltered(search: MappingsSearch): boolean {
  return Object.entries(search).some(
    ([key, value]) => key !== 'environment' && value !== undefined && value !== '',
  )
}

function fits(text: string, term: string): boolean {
  return term.startsWith('!') ? !text.includes(term.slice(1)) : text.includes(term)
}

function textOf(mapping: MappingView): string {
  return [mapping.name, mapping.owner, matchText(mapping.match), groupOf(mapping)?.name ?? '']
    .join(' ')
    .toLowerCase()
}
