import { z } from 'zod'

/** What the address of this page holds; a value that does not fit is dropped, never an error. */
export const agentsSearchSchema = z.object({
  q: z.string().optional().catch(undefined),
  /** The agent whose details are open. */
  agent: z.string().optional().catch(undefined),
  /** The drawer that explains how to install one. */
  install: z.boolean().optional().catch(undefined),
})
