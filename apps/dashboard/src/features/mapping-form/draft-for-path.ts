import { z } from 'zod'
import { emptyDraft, type MappingDraft } from './mapping-draft.ts'

/** What the address of a new mapping may say about it: a path that is asked for, ids collapsed. */
export const newMappingSearchSchema = z.object({
  path: z.string().startsWith('/').max(200).optional().catch(undefined),
  method: z
    .string()
    .regex(/^[A-Z]{1,16}$/)
    .optional()
    .catch(undefined),
})
export type NewMappingSearch = z.infer<typeof newMappingSearchSchema>

/** A draft that matches a path of the busiest: its ids become parameters of their own names. */
export function draftForPath({ path, method }: NewMappingSearch): MappingDraft {
  const draft = emptyDraft()
  if (path === undefined) return draft
  const methods = method === undefined || method === 'OTHER' ? [] : [method]
  const isTemplate = /\/(:id|\*rest)(?=\/|$)/.test(path)
  return {
    ...draft,
    name: [...methods, path].join(' ').slice(0, 80),
    methods,
    pathKind: isTemplate ? 'template' : 'exact',
    pathValue: isTemplate ? withOwnNames(path) : path,
  }
}

/** `/a/:id/b/:id` → `/a/:id/b/:id2`: a template names no parameter twice. */
function withOwnNames(path: string): string {
  let seen = 0
  return path.replaceAll(/\/:id(?=\/|$)/g, () => (++seen === 1 ? '/:id' : `/:id${seen}`))
}
