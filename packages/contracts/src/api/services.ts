import { z } from 'zod'
import { healthCheckSchema, idSchema, serviceSchema } from '../entities.ts'
import { storedFields } from './common.ts'

const spec = serviceSchema.omit({ id: true })

export const serviceInputSchema = z.strictObject({
  name: spec.shape.name,
  instances: spec.shape.instances,
  health: healthCheckSchema.nullable().default(null),
  timeouts: spec.shape.timeouts.default({ connectMs: 3_000, firstByteMs: 30_000, idleMs: 60_000 }),
  pool: spec.shape.pool.prefault({}),
  tls: spec.shape.tls.default({ verify: true, serverName: null }),
  outlier: spec.shape.outlier,
  slowStartMs: spec.shape.slowStartMs,
  retry: spec.shape.retry,
})
export type ServiceInput = z.input<typeof serviceInputSchema>
export type ServiceSpec = z.output<typeof serviceInputSchema>

export const serviceCreateSchema = serviceInputSchema.extend({ environmentId: idSchema.default('default') })
export const serviceViewSchema = spec.extend(storedFields)
export type ServiceView = z.infer<typeof serviceViewSchema>
