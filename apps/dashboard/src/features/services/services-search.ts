import { z } from 'zod'

/** What the address of this page holds; a value that does not fit is dropped, never an error. */
export const servicesSearchSchema = z.object({
  q: z.string().optional().catch(undefined),
  /** The one being edited; `new` for one to be made. */
  edit: z.string().optional().catch(undefined),
})
