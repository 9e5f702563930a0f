import { z } from 'zod'
import type {
  Attribute,
  Condition,
  Environment,
  Group,
  HealthCheck,
  HostPolicy,
  Identity,
  Mapping,
  Match,
  Overlay,
  PathPattern,
  PathRewrite,
  Policy,
  Rewrite,
  Segment,
  Service,
  Split,
  Target,
  Writes,
} from '@crossfade/core/model'
import { defaultPolicy, serviceDefaults } from '@crossfade/core/policy/defaults'
import { environmentAuthSchema, mappingCheckSchema } from './auth.ts'

/**
 * The core owns the types; this owns the proof. Everything that reaches an agent passes here:
 * strict about unknown keys and about sizes, nothing about meaning (that is `compileSnapshot` in core).
 */
export const idSchema = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[A-Za-z0-9_-]+$/)
export const nameSchema = z
  .string()
  .trim()
  .min(1)
  .max(80)
  .regex(/^[^\u0000-\u001f\u007f]*$/, 'Control characters are not allowed')
const short = z.string().max(512)
const headerName = z
  .string()
  .max(100)
  .regex(/^[!#$%&'*+.^_`|~0-9a-z-]+$/, 'Give a header name in lower case')
const tokenName = z.string().min(1).max(100)
const fieldValue = z
  .string()
  .max(4096)
  .regex(/^[^\u0000-\u0008\u000a-\u001f\u007f]*$/, 'Control characters are not allowed')

export const shareSchema = z.int().min(0).max(10_000)
export const sideSchema = z.enum(['legacy', 'new'])

export const hostPatternSchema = z
  .string()
  .max(253)
  .regex(
    /^(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*$|^\[[0-9a-f:.]+\]$/,
    'Give a host in lower case, exact or *.example.com',
  )

const startsWithSlash = z.string().max(2048).startsWith('/', 'Start with /')
export const pathPatternSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('exact'), path: startsWithSlash }),
  z.strictObject({ kind: z.literal('prefix'), path: startsWithSlash }),
  z.strictObject({ kind: z.literal('template'), template: startsWithSlash }),
  z.strictObject({
    kind: z.literal('regex'),
    pattern: short.min(1),
    position: z.int().min(0).max(1_000_000),
  }),
]) satisfies z.ZodType<PathPattern>

export const methodSchema = z.string().regex(/^[A-Z][A-Z0-9-]{0,31}$/, 'Give a method in upper case')
export const matchSchema = z.strictObject({
  methods: z.array(methodSchema).max(32),
  host: hostPatternSchema.nullable(),
  path: pathPatternSchema,
}) satisfies z.ZodType<Match>

export const pathRewriteSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('template'), template: startsWithSlash }),
  z.strictObject({ kind: z.literal('prefix'), to: startsWithSlash }),
]) satisfies z.ZodType<PathRewrite>

export const rewriteSchema = z.strictObject({
  path: pathRewriteSchema.nullable(),
  query: z.strictObject({ set: z.record(tokenName, fieldValue), drop: z.array(tokenName).max(100) }),
  headers: z.strictObject({ set: z.record(headerName, fieldValue), drop: z.array(headerName).max(100) }),
  mapBack: z.boolean(),
}) satisfies z.ZodType<Rewrite>

export const hostPolicySchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('client') }),
  z.strictObject({ kind: z.literal('service') }),
  z.strictObject({
    kind: z.literal('fixed'),
    value: z
      .string()
      .min(1)
      .max(259)
      .regex(/^[A-Za-z0-9.\-:[\]]+$/),
  }),
]) satisfies z.ZodType<HostPolicy>

export const targetSchema = z.strictObject({
  serviceId: idSchema,
  rewrite: rewriteSchema,
  host: hostPolicySchema,
}) satisfies z.ZodType<Target>

export const identitySchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('header'), name: headerName }),
  z.strictObject({ kind: z.enum(['cookie', 'query', 'claim']), name: tokenName }),
  z.strictObject({ kind: z.literal('client-ip') }),
  z.strictObject({ kind: z.literal('request') }),
]) satisfies z.ZodType<Identity>

export const missingSchema = z.enum(['legacy', 'client-ip', 'request'])

export const splitSchema = z.strictObject({
  share: shareSchema,
  cohort: z.string().min(8).max(128),
  identity: identitySchema,
  missing: missingSchema,
}) satisfies z.ZodType<Split>

export const writesSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('with-share') }),
  z.strictObject({
    kind: z.literal('phased'),
    phase: z.enum(['off', 'dual-legacy', 'dual-new', 'complete']),
  }),
]) satisfies z.ZodType<Writes>

export const attributeSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('header'), name: headerName }),
  z.strictObject({ kind: z.enum(['cookie', 'query', 'claim']), name: tokenName }),
  z.strictObject({ kind: z.enum(['client-ip', 'method', 'path', 'host']) }),
]) satisfies z.ZodType<Attribute>

const percentOfAll = z.int().min(1).max(100)
const underWay = z.int().min(1).max(1_000_000)
export const breakerSchema = z.strictObject({
  failurePercent: percentOfAll,
  minimumSample: z.int().min(1).max(100_000),
  windowMs: z.int().min(1_000).max(600_000),
  openMs: z.int().min(100).max(60_000),
})
export const rateLimitSchema = z.strictObject({
  name: nameSchema,
  key: attributeSchema.nullable(),
  side: sideSchema.nullable(),
  perSecond: z.number().min(0.001).max(1_000_000),
  burst: z.int().min(1).max(1_000_000),
})

/** What is left out takes its default, so that what was stored before a field existed can still be read. */
export const policySchema = z.strictObject({
  breaker: breakerSchema.nullable().default(defaultPolicy.breaker),
  safeFallback: z.boolean().default(defaultPolicy.safeFallback),
  readThrough: z.array(z.int().min(400).max(599)).max(50).default([]),
  idempotentWrites: z.boolean().default(defaultPolicy.idempotentWrites),
  bodyLimitBytes: z.int().min(0).max(Number.MAX_SAFE_INTEGER).nullable().default(null),
  limits: z.array(rateLimitSchema).max(20).default([]),
  concurrency: z
    .strictObject({ legacy: underWay.nullable().default(null), new: underWay.nullable().default(null) })
    .default(defaultPolicy.concurrency),
  loopsBackToLegacy: z.boolean().default(defaultPolicy.loopsBackToLegacy),
  auth: mappingCheckSchema.default('inherit'),
}) satisfies z.ZodType<Policy>

export const mappingSchema = z.strictObject({
  id: idSchema,
  name: nameSchema,
  match: matchSchema,
  legacy: targetSchema,
  new: targetSchema,
  split: z.union([splitSchema, z.strictObject({ groupId: idSchema })]),
  segments: z.array(idSchema).max(100),
  writes: writesSchema,
  pointOfNoReturn: z.boolean(),
  originalUriOnAnswers: z.boolean(),
  policy: policySchema.prefault({}),
}) satisfies z.ZodType<Mapping>

export const groupSchema = z.strictObject({
  id: idSchema,
  name: nameSchema,
  split: splitSchema,
}) satisfies z.ZodType<Group>

export const conditionSchema = z.strictObject({
  attribute: attributeSchema,
  operator: z.enum([
    'in',
    'not-in',
    'prefix',
    'suffix',
    'contains',
    'number-at-least',
    'number-below',
    'date-from',
    'date-before',
    'semver-at-least',
    'semver-below',
    'network',
  ]),
  values: z.array(short).min(1).max(1000),
}) satisfies z.ZodType<Condition>

export const segmentSchema = z.strictObject({
  id: idSchema,
  name: nameSchema,
  side: sideSchema,
  conditions: z.array(conditionSchema).min(1).max(20),
}) satisfies z.ZodType<Segment>

/** Part of a file name on agents, so without anything that leads to another folder. */
const certificateName = /^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$/

export const instanceSchema = z.string().min(1).max(300)
export const healthCheckSchema = z.strictObject({
  path: startsWithSlash,
  intervalMs: z.int().min(500).max(300_000),
  timeoutMs: z.int().min(100).max(60_000),
  healthyAfter: z.int().min(1).max(20),
  unhealthyAfter: z.int().min(1).max(20),
}) satisfies z.ZodType<HealthCheck>

export const serviceSchema = z.strictObject({
  id: idSchema,
  name: nameSchema,
  instances: z.array(instanceSchema).min(1).max(64),
  health: healthCheckSchema.nullable(),
  timeouts: z.strictObject({
    connectMs: z.int().min(50).max(120_000),
    firstByteMs: z.int().min(50).max(3_600_000),
    idleMs: z.int().min(50).max(3_600_000),
  }),
  pool: z.strictObject({
    connectionsPerInstance: z.int().min(1).max(10_000).default(serviceDefaults.pool.connectionsPerInstance),
    maxPending: z.int().min(0).max(1_000_000).default(serviceDefaults.pool.maxPending),
    pendingTimeoutMs: z.int().min(50).max(120_000).default(serviceDefaults.pool.pendingTimeoutMs),
  }),
  tls: z.strictObject({
    verify: z.boolean(),
    serverName: z.string().min(1).max(253).nullable(),
    /** PEM certificates. */
    ca: z.string().max(65_536).nullable().default(serviceDefaults.tls.ca),
    clientCertificate: z
      .string()
      .regex(certificateName, 'Give the name of a certificate: letters, digits, dots, dashes')
      .nullable()
      .default(serviceDefaults.tls.clientCertificate),
  }),
  outlier: z
    .strictObject({
      consecutiveFailures: z.int().min(1).max(1_000),
      baseEjectionMs: z.int().min(100).max(3_600_000),
      maxEjectedPercent: z.int().min(0).max(100),
    })
    .nullable()
    .default(serviceDefaults.outlier),
  slowStartMs: z.int().min(0).max(600_000).default(serviceDefaults.slowStartMs),
  retry: z
    .strictObject({
      tries: z.int().min(1).max(5),
      budgetPercent: z.int().min(0).max(100),
      minPerSecond: z.int().min(0).max(10_000),
    })
    .default(serviceDefaults.retry),
}) satisfies z.ZodType<Service>

export const environmentSchema = z.strictObject({
  id: idSchema,
  name: nameSchema,
  defaults: z.array(z.strictObject({ host: hostPatternSchema.nullable(), serviceId: idSchema })).max(1000),
  paths: z.strictObject({
    encodedSlash: z.enum(['auto', 'keep', 'refuse']),
    ambiguous: z.enum(['refuse', 'pass-unmapped']),
  }),
  trustedHops: z.array(z.string().max(64)).max(200),
  sendForwarded: z.boolean(),
  forcedSide: z.strictObject({ header: headerName.nullable(), cookie: tokenName.nullable() }),
  callers: z.strictObject({
    keyDigests: z.array(z.string().regex(/^[0-9a-f]{64}$/)).max(50),
    segmentId: idSchema.nullable(),
  }),
  clientDimension: z
    .strictObject({
      header: headerName,
      values: z
        .array(z.strictObject({ label: nameSchema, contains: z.string().min(1).max(200) }))
        .min(1)
        .max(12),
    })
    .nullable()
    .default(null),
  auth: environmentAuthSchema.prefault({}),
}) satisfies z.ZodType<Environment>

export const overlaySchema = z.strictObject({
  environmentId: idSchema,
  epoch: z.string().min(1).max(64),
  revision: z.int().min(1),
  mappingIds: z.array(idSchema).max(100_000),
  groupIds: z.array(idSchema).max(100_000),
}) satisfies z.ZodType<Overlay>
