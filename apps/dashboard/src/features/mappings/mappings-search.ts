import { z } from 'zod'

export const mappingStates = ['legacy', 'moving', 'new'] as const
/** Filters of the list. A value that does not fit is dropped, never an error. */
export const mappingsSearchSchema = z.object({
  q: z.string().optional().catch(undefined),
  /** All on legacy (0 %), moving, or all on new (100 %). */
  state: z.enum(mappingStates).optional().catch(undefined),
  owner: z.string().optional().catch(undefined),
  group: z.string().optional().catch(undefined),
  attention: z.boolean().optional().catch(undefined),
})
export type MappingsSearch = z.infer<typeof mappingsSearchSchema>

export const mappingTabs = ['rollout', 'ramp', 'compare', 'history'] as const
export const ranges = ['5m', '1h', '6h', '24h'] as const
export type Range = (typeof ranges)[number]
export const mappingSearchSchema = z.object({
  tab: z.enum(mappingTabs).optional().catch(undefined),
  range: z.enum(ranges).optional().catch(undefined),
  quantile: z.enum(['p50', 'p95', 'p99']).optional().catch(undefined),
})
export type MappingSearch = z.infer<typeof mappingSearchSchema>
