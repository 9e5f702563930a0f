import { z } from 'zod'

/** What the address of this page holds; a value that does not fit is dropped, never an error. */
export const groupsSearchSchema = z.object({ q: z.string().optional().catch(undefined) })
