import { z } from 'zod'
import { WEEKDAYS } from '@crossfade/core/governance/model'
import { isTimeZone } from '@crossfade/core/governance/time-zone'
import { idSchema, nameSchema } from '../entities.ts'
import { percentSchema } from '../percent.ts'
import { reasonSchema, storedFields, timestampSchema } from './common.ts'

/** Freezes, stop-the-line and protection: what raises of an environment meet (rule 21). */

const timeOfDaySchema = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'Write a time of day as HH:MM')
const timeZoneSchema = z
  .string()
  .max(64)
  .refine(isTimeZone, 'Give a time zone by its IANA name, such as Europe/Berlin')

export const freezeWindowSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('once'), from: timestampSchema, until: timestampSchema }),
  z.strictObject({
    kind: z.literal('weekly'),
    /** On which a window begins. */
    days: z
      .array(z.enum(WEEKDAYS))
      .min(1)
      .max(7)
      .refine((days) => new Set(days).size === days.length, 'Name each day once'),
    from: timeOfDaySchema,
    /** At or before `from` it is on the next day; the same time is 24 hours. */
    until: timeOfDaySchema,
    timeZone: timeZoneSchema,
  }),
])

export const freezeInputSchema = z.strictObject({
  name: nameSchema,
  reason: reasonSchema.default(''),
  window: freezeWindowSchema,
})
export type FreezeInput = z.input<typeof freezeInputSchema>
export const freezeCreateSchema = freezeInputSchema.extend({ environmentId: idSchema.default('default') })

export const freezeViewSchema = z.object({
  ...storedFields,
  name: nameSchema,
  reason: z.string(),
  window: freezeWindowSchema,
  /** `Sat and Sun, 18:00 to 06:00 (Europe/Berlin)`. */
  words: z.string(),
  active: z.boolean(),
  /** Of the window that is on now, or the next one; null when there is none any more. */
  from: timestampSchema.nullable(),
  until: timestampSchema.nullable(),
})
export type FreezeView = z.infer<typeof freezeViewSchema>

export const lineInputSchema = z.strictObject({ stopped: z.boolean(), reason: reasonSchema.default('') })
export type LineInput = z.input<typeof lineInputSchema>

/** Percents are null where nothing is asked for. */
export const protectionSchema = z.strictObject({
  /** Raises that end above this need approvals. */
  abovePercent: percentSchema.nullable().default(null),
  /** So do raises by more than this over the lowest share of the last 24 hours. */
  stepPercent: percentSchema.nullable().default(null),
  /** How many people have to approve; also a point of no return, and what overrides it. */
  quorum: z.int().min(1).max(10).default(1),
  /** Whoever asks may also approve. */
  selfApproval: z.boolean().default(false),
  /** How long a request may wait. */
  expiresHours: z.int().min(1).max(720).default(72),
})
export type ProtectionInput = z.input<typeof protectionSchema>
export type ProtectionView = z.output<typeof protectionSchema>

/** `GET /environments/{id}/governance`. `version` is the ETag for `PUT /environments/{id}/protection`. */
export const governanceViewSchema = z.object({
  environmentId: idSchema,
  version: z.int(),
  protection: protectionSchema.extend({
    abovePercent: percentSchema.nullable(),
    stepPercent: percentSchema.nullable(),
    quorum: z.int(),
    selfApproval: z.boolean(),
    expiresHours: z.int(),
  }),
  /** Null while the line runs. */
  stopped: z.object({ by: z.string(), at: timestampSchema, reason: z.string() }).nullable(),
  /** The freeze in force; `until` is the end of freezes that follow each other, null when none is in sight. */
  freeze: z.object({ name: nameSchema, until: timestampSchema.nullable() }).nullable(),
  /** One sentence: whether raises are possible now, and if not until when. */
  words: z.string(),
})
export type GovernanceView = z.infer<typeof governanceViewSchema>
