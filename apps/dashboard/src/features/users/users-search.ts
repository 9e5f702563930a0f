import { z } from 'zod'

/** What the address of this page holds; a value that does not fit is dropped, never an error. */
export const usersSearchSchema = z.object({
  tab: z.enum(['people', 'tokens', 'account']).optional().catch(undefined),
  q: z.string().optional().catch(undefined),
})
