import { z } from 'zod'
import { serviceDefaults } from '@crossfade/core/policy/defaults'
import { problemOfCertificates } from '../pem.ts'
import { healthCheckSchema, idSchema, serviceSchema } from '../entities.ts'
import { storedFields } from './common.ts'

const spec = serviceSchema.omit({ id: true })

/** Checked when saved only, so that what is stored can still be read. */
const healthInputSchema = healthCheckSchema.extend({
  path: healthCheckSchema.shape.path.regex(
    /^\/[\x21\x22\x24-\x7e]*$/,
    'Give a path with query if need be, without blanks and with other characters escaped',
  ),
})
const tlsInputSchema = spec.shape.tls.extend({
  serverName: z
    .string()
    .max(253)
    .regex(/^[A-Za-z0-9._:-]+$/, 'Give a host name')
    .nullable(),
  ca: spec.shape.tls.shape.ca.superRefine((pem, context) => {
    const problem = pem === null ? null : problemOfCertificates(pem)
    if (problem !== null) context.addIssue({ code: 'custom', message: problem })
  }),
})

export const serviceInputSchema = z.strictObject({
  name: spec.shape.name,
  instances: spec.shape.instances,
  health: healthInputSchema.nullable().default(null),
  timeouts: spec.shape.timeouts.default({ connectMs: 3_000, firstByteMs: 30_000, idleMs: 60_000 }),
  pool: spec.shape.pool.prefault({}),
  tls: tlsInputSchema.default(serviceDefaults.tls),
  outlier: spec.shape.outlier,
  slowStartMs: spec.shape.slowStartMs,
  retry: spec.shape.retry,
})
export type ServiceInput = z.input<typeof serviceInputSchema>
export type ServiceSpec = z.output<typeof serviceInputSchema>

export const serviceCreateSchema = serviceInputSchema.extend({ environmentId: idSchema.default('default') })
export const serviceViewSchema = spec.extend(storedFields)
export type ServiceView = z.infer<typeof serviceViewSchema>
