import { z } from 'zod'

/** What the address of this page holds; a value that does not fit is dropped, never an error. */
export const approvalsSearchSchema = z.object({
  show: z.enum(['open', 'all']).optional().catch(undefined),
})
