import type { Policy, Service } from '../model.ts'

/** What holds for a mapping whose policy nobody touched: a breaker, nothing that would surprise. */
export const defaultPolicy: Policy = {
  breaker: { failurePercent: 50, minimumSample: 20, windowMs: 10_000, openMs: 1_000 },
  safeFallback: false,
  readThrough: [],
  idempotentWrites: false,
  bodyLimitBytes: null,
  limits: [],
  concurrency: { legacy: null, new: null },
  loopsBackToLegacy: false,
  auth: 'inherit',
}

/** The same for the parts of a service that protect it. */
export const serviceDefaults = {
  pool: { connectionsPerInstance: 128, maxPending: 1_024, pendingTimeoutMs: 3_000 },
  outlier: { consecutiveFailures: 5, baseEjectionMs: 30_000, maxEjectedPercent: 50 },
  slowStartMs: 10_000,
  retry: { tries: 2, budgetPercent: 20, minPerSecond: 10 },
  tls: { verify: true, serverName: null, ca: null, clientCertificate: null },
} as const satisfies Pick<Service, 'pool' | 'outlier' | 'slowStartMs' | 'retry' | 'tls'>
