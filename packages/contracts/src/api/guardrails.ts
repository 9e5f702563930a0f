import { z } from 'zod'
import { idSchema } from '../entities.ts'
import { guardrailSchema } from '../guardrail.ts'

/** What a ramp is guarded by when nobody says otherwise. */
export const guardrailsViewSchema = z.object({ items: z.array(guardrailSchema) })

/** A guardrail over what is stored, before it guards anything. */
export const guardrailTrialInputSchema = z.strictObject({
  environmentId: idSchema.default('default'),
  mappingId: idSchema,
  guardrail: guardrailSchema,
  days: z.int().min(1).max(7).default(7),
})
export const guardrailTrialSchema = z.object({
  /** When it would have fired, and what it would have said. */
  fired: z.array(z.object({ at: z.int(), words: z.string() })),
  /** `Would have fired 2 times in the last 7 d`. */
  words: z.string(),
})
export type GuardrailTrial = z.infer<typeof guardrailTrialSchema>
