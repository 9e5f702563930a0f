import { z } from 'zod'
import {
  ALGORITHMS,
  defaultAuth,
  type Check,
  type EnvironmentAuth,
  type Issuer,
  type MappingCheck,
  type Requirement,
} from '@crossfade/core/auth/auth'

const control = /^[^\u0000-\u001f\u007f]*$/
const id = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[A-Za-z0-9_-]+$/)
const name = z.string().trim().min(1).max(80).regex(control, 'Control characters are not allowed')
const text = z.string().min(1).max(512).regex(control, 'Control characters are not allowed')
/** Written by us alone, or no place for a credential. */
const TAKEN =
  /^(host|connection|content-.*|transfer-encoding|upgrade|expect|te|trailer|via|forwarded|x-forwarded-.*|x-crossfade-.*|cookie)$/
const credentialHeader = z
  .string()
  .min(1)
  .max(100)
  .regex(/^[!#$%&'*+.^_`|~0-9a-z-]+$/, 'Give a header name in lower case')
  .refine((header) => !TAKEN.test(header), 'No credential can come in this header')

export const issuerSchema = z.strictObject({
  name,
  issuer: text,
  audiences: z.array(text).min(1, 'Say whom the tokens are for').max(20),
  jwksUrl: z.string().min(1).max(2048),
  algorithms: z.array(z.enum(ALGORITHMS)).min(1, 'Choose at least one').max(ALGORITHMS.length),
  leewaySeconds: z.int().min(0).max(300).default(30),
  from: z
    .discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('header'), name: credentialHeader }),
      z.strictObject({
        kind: z.literal('cookie'),
        name: z
          .string()
          .min(1)
          .max(100)
          .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, 'Give the name of a cookie'),
      }),
    ])
    .default({ kind: 'header', name: 'authorization' }),
}) satisfies z.ZodType<Issuer>

export const apiKeySchema = z.strictObject({
  id,
  name,
  /** SHA-256 (hex) of the key, which nobody can turn back. */
  digest: z.string().regex(/^[0-9a-f]{64}$/, 'Give the SHA-256 of the key in hexadecimal'),
  mappings: z.union([z.literal('all'), z.array(id).min(1).max(1000)]),
  createdAt: z.iso.datetime(),
}) satisfies z.ZodType<EnvironmentAuth['apiKeys'][number]>

export const requirementSchema = z.strictObject({
  anyOf: z
    .array(z.enum(['jwt', 'api-key']))
    .min(1, 'Choose at least one')
    .max(2),
  issuers: z.array(name).max(20).default([]),
  requiredClaims: z
    .array(z.strictObject({ claim: text, values: z.array(text).max(100).default([]) }))
    .max(20)
    .default([]),
  forward: z.enum(['keep', 'drop']).default('keep'),
}) satisfies z.ZodType<Requirement>

export const checkSchema = z.union([z.literal('none'), requirementSchema]) satisfies z.ZodType<Check>
export const mappingCheckSchema = z.union([
  z.literal(['inherit', 'none']),
  requirementSchema,
]) satisfies z.ZodType<MappingCheck>

export const environmentAuthSchema = z.strictObject({
  issuers: z.array(issuerSchema).max(20).default([]),
  apiKeys: z.array(apiKeySchema).max(500).default([]),
  apiKeyHeader: credentialHeader.default(defaultAuth.apiKeyHeader),
  mapped: checkSchema.default('none'),
  unmapped: checkSchema.default('none'),
  preflight: z.enum(['check', 'pass']).default(defaultAuth.preflight),
}) satisfies z.ZodType<EnvironmentAuth>
