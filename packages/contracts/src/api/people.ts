import { z } from 'zod'
import { idSchema, nameSchema } from '../entities.ts'
import { roles, type Access } from '../roles.ts'
import { timestampSchema } from './common.ts'

export const roleSchema = z.enum(roles)
/** A role everywhere, or null, and roles in single environments; the higher one is in force. */
export const accessSchema = z.strictObject({
  everywhere: roleSchema.nullable(),
  environments: z
    .array(z.strictObject({ environmentId: idSchema, role: roleSchema }))
    .max(500)
    .refine(
      (list) => new Set(list.map((one) => one.environmentId)).size === list.length,
      'Name each environment once',
    ),
}) satisfies z.ZodType<Access>
export const emailSchema = z.email().max(254).toLowerCase()
export const passwordSchema = z.string().min(10, 'Use at least 10 characters').max(200)

export const signInSchema = z.strictObject({ email: emailSchema, password: z.string().max(200) })
/** Takes the one-time link printed at start, or an invite link, and makes the account. */
export const acceptLinkSchema = z.strictObject({
  token: z.string().min(20).max(200),
  email: emailSchema.optional(),
  name: nameSchema,
  password: passwordSchema,
})
/** What a one-time token is for; asked before the form is shown. */
export const linkInfoSchema = z.object({
  purpose: z.enum(['first-administrator', 'invite', 'sign-in']),
  email: z.string().nullable(),
  access: accessSchema,
  expiresAt: timestampSchema,
})

export const meSchema = z.object({
  kind: z.enum(['user', 'token']),
  id: idSchema,
  name: z.string(),
  email: z.string().nullable(),
  access: accessSchema,
})
export type Me = z.infer<typeof meSchema>

export const userViewSchema = z.object({
  id: idSchema,
  email: z.string(),
  name: z.string(),
  access: accessSchema,
  state: z.enum(['active', 'invited', 'disabled']),
  version: z.int(),
  createdAt: timestampSchema,
  lastSeenAt: timestampSchema.nullable(),
})
export type UserView = z.infer<typeof userViewSchema>
export const inviteInputSchema = z.strictObject({ email: emailSchema, access: accessSchema })
/** The link is in this answer and nowhere else. */
export const inviteCreatedSchema = z.object({
  user: userViewSchema,
  link: z.string(),
  expiresAt: timestampSchema,
})
export const userUpdateSchema = z.strictObject({
  name: nameSchema.optional(),
  access: accessSchema.optional(),
  disabled: z.boolean().optional(),
})
export const passwordChangeSchema = z.strictObject({ current: z.string().max(200), next: passwordSchema })

export const sessionViewSchema = z.object({
  id: z.string(),
  createdAt: timestampSchema,
  lastSeenAt: timestampSchema,
  userAgent: z.string(),
  current: z.boolean(),
})

export const apiTokenInputSchema = z.strictObject({
  name: nameSchema,
  access: accessSchema,
  expiresAt: timestampSchema.nullable().default(null),
})
export const apiTokenViewSchema = z.object({
  id: idSchema,
  name: nameSchema,
  access: accessSchema,
  /** First characters, to recognise it by. */
  prefix: z.string(),
  createdBy: z.string(),
  createdAt: timestampSchema,
  lastUsedAt: timestampSchema.nullable(),
  expiresAt: timestampSchema.nullable(),
  revokedAt: timestampSchema.nullable(),
})
export type ApiTokenView = z.infer<typeof apiTokenViewSchema>
export const apiTokenCreatedSchema = apiTokenViewSchema.extend({ token: z.string() })
