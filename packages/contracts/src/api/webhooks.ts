import { z } from 'zod'
import { idSchema, nameSchema } from '../entities.ts'
import { storedFields, timestampSchema } from './common.ts'

/** What can be told, and when. Names are for ever; receivers compare them. */
export const notificationTypes = {
  'share.changed': 'Somebody moved a share by hand',
  'share.rolled_back': 'A mapping or group was rolled back, by hand or by a guardrail',
  'environment.rolled_back': 'The kill switch was pulled',
  'ramp.changed': 'A ramp started, advanced, paused, waits or ended',
  'ramp.verdict': 'The verdict of a guardrail changed',
  'ramp.person_called': 'A ramp needs a person',
  'approval.wanted': 'Something waits for an approval',
  'approval.given': 'Something was approved or refused',
  'freeze.changed': 'A freeze began, changed or ended; the line was stopped or goes on',
  'agent.offline': 'An agent has been away for more than a minute',
  'agent.refused': 'An agent refused a snapshot',
  'agent.emergency': 'A roll back without control plane began or was cleared',
} as const
export type NotificationType = keyof typeof notificationTypes
export const notificationTypeSchema = z.enum(
  Object.keys(notificationTypes) as [NotificationType, ...NotificationType[]],
)
/** What the test button sends; nobody subscribes to it. */
export const testType = 'webhook.test'

export const webhookKinds = ['webhook', 'slack'] as const

const url = z.string().min(1, 'Give an address').max(2_000)
const events = z
  .array(notificationTypeSchema)
  .min(1, 'Choose at least one event')
  .max(100)
  .transform((chosen) => [...new Set(chosen)])

export const webhookCreateSchema = z.strictObject({
  /** Null: of all environments, also those to come. */
  environmentId: idSchema.nullable().default('default'),
  name: nameSchema,
  kind: z.enum(webhookKinds),
  url,
  events,
  enabled: z.boolean().default(true),
})
export type WebhookCreate = z.input<typeof webhookCreateSchema>

export const webhookUpdateSchema = z.strictObject({
  name: nameSchema,
  /** Left out it stays: nobody can read it back. */
  url: url.optional(),
  events,
  enabled: z.boolean(),
})
export type WebhookUpdate = z.input<typeof webhookUpdateSchema>

export const deliveryStatusSchema = z.enum(['pending', 'delivered', 'dead'])

export const webhookViewSchema = z.object({
  ...storedFields,
  environmentId: idSchema.nullable(),
  name: nameSchema,
  kind: z.enum(webhookKinds),
  /** Scheme and host; the rest is a secret of many receivers and is not shown again. */
  address: z.string(),
  events: z.array(notificationTypeSchema),
  enabled: z.boolean(),
  /** Why it was disabled, when nobody did it. */
  disabledReason: z.string().nullable(),
  /** Signing secrets in use, the newest first; none for Slack. */
  secrets: z.array(z.object({ createdAt: timestampSchema, expiresAt: timestampSchema.nullable() })),
  lastDelivery: z.object({ status: deliveryStatusSchema, at: timestampSchema }).nullable(),
})
export type WebhookView = z.infer<typeof webhookViewSchema>

/** The signing secret is in this answer and nowhere else; null for Slack, which has none. */
export const webhookCreatedSchema = webhookViewSchema.extend({ secret: z.string().nullable() })
export type WebhookCreated = z.infer<typeof webhookCreatedSchema>

export const webhookRotateSchema = z.strictObject({
  /** How long the secrets before go on signing beside the new one. */
  graceHours: z.int().min(0).max(168).default(24),
})

/** What is posted, signed, as Standard Webhooks say: https://www.standardwebhooks.com */
export const notificationSchema = z.object({
  type: z.string(),
  timestamp: timestampSchema,
  data: z.object({
    /** The same for all that belongs together: one ramp, mapping, group, agent or environment. */
    thread: z.string(),
    /** One sentence. */
    summary: z.string(),
    environment: z.object({ id: idSchema, name: z.string() }).nullable(),
    /** Null when nobody acted. */
    actor: z.object({ kind: z.string(), id: z.string(), name: z.string() }).nullable(),
    object: z.object({ kind: z.string(), id: z.string(), name: z.string() }),
    /** The audited act and where it is in the trail; null for what is not audited. */
    act: z.string().nullable(),
    change: z.int().nullable(),
    before: z.unknown(),
    after: z.unknown(),
    reason: z.string().nullable(),
    /** Where to look, in the dashboard. */
    link: z.string(),
  }),
})
export type Notification = z.infer<typeof notificationSchema>

export const deliveryViewSchema = z.object({
  id: idSchema,
  webhookId: idSchema,
  type: z.string(),
  summary: z.string(),
  status: deliveryStatusSchema,
  attempts: z.int(),
  nextTryAt: timestampSchema.nullable(),
  createdAt: timestampSchema,
  /** The last attempts, the newest last. */
  log: z.array(
    z.object({
      at: timestampSchema,
      ms: z.number(),
      /** Of the answer; null when none came. */
      status: z.int().nullable(),
      /** Why it did not count as delivered. */
      error: z.string().nullable(),
      excerpt: z.string(),
    }),
  ),
})
export type DeliveryView = z.infer<typeof deliveryViewSchema>
