import { changeSchema } from '@crossfade/contracts/api/changes'
import type { ChangesFilter } from '../../shared/changes/changes-query.ts'
import { z } from 'zod'

const text = z.string().max(200).optional().catch(undefined)
const day = z.iso.date().optional().catch(undefined)

/** What the address of this page holds; a value that does not fit is dropped, never an error. */
export const auditSearchSchema = z.object({
  text,
  actor: text,
  act: text,
  /** Kind of object: `mapping`, `group` … */
  kind: text,
  /** Id of one object. */
  object: text,
  source: changeSchema.shape.source.optional().catch(undefined),
  /** Days of the reader's own calendar, both inclusive. */
  from: day,
  to: day,
  /** Changes of the whole house (people, tokens) too, not only of the environment. */
  all: z.boolean().optional().catch(undefined),
  /** Shows this one change, opened. */
  seq: z.int().min(1).optional().catch(undefined),
})
export type AuditSearch = z.infer<typeof auditSearchSchema>

/** What the API is asked. Days become instants of the reader's time zone; `to` is exclusive there. */
export function filterOfSearch(search: AuditSearch, environmentId: string): ChangesFilter {
  return {
    ...(search.all !== true && { environmentId }),
    ...(search.text !== undefined && { text: search.text }),
    ...(search.actor !== undefined && { actor: search.actor }),
    ...(search.act !== undefined && { act: search.act }),
    ...(search.kind !== undefined && { objectKind: search.kind }),
    ...(search.object !== undefined && { objectId: search.object }),
    ...(search.source !== undefined && { source: search.source }),
    ...(search.from !== undefined && { from: startOfDay(search.from, 0) }),
    ...(search.to !== undefined && { to: startOfDay(search.to, 1) }),
  }
}

/** Whether anything narrows the view; the environment, one change or the whole house are no filters. */
export function isFiltered(search: AuditSearch): boolean {
  return Object.entries(search).some(([key, value]) => !noFilters.includes(key) && value !== undefined)
}
const noFilters = ['seq', 'all', 'environment']

function startOfDay(date: string, later: number): string {
  const [year = 1970, month = 1, dayOfMonth = 1] = date.split('-').map(Number)
  return new Date(year, month - 1, dayOfMonth + later).toISOString()
}
