import type { Guardrail } from './model.ts'

/** What a ramp is guarded by when nobody says otherwise; fresh copies, to be edited. */
export function defaultGuardrails(): Guardrail[] {
  return [
    {
      ...RATE,
      id: 'errors',
      name: 'Errors',
      metric: { kind: 'error-rate' },
      limit: againstLegacy(1.1, 0.0005),
    },
    {
      ...RATE,
      id: 'client-errors',
      name: 'Client errors (4xx)',
      metric: { kind: 'client-error-rate' },
      limit: againstLegacy(1.1, 0.005),
    },
    {
      ...RATE,
      id: 'p95',
      name: 'Latency p95',
      metric: { kind: 'latency', quantile: 0.95 },
      limit: againstLegacy(1.1, 0.002),
    },
    {
      ...RATE,
      id: 'p99',
      name: 'Latency p99',
      metric: { kind: 'latency', quantile: 0.99 },
      limit: againstLegacy(1.25, 0.001),
      action: 'alert',
    },
    {
      ...RATE,
      id: 'breaker',
      name: 'Breaker openings',
      metric: { kind: 'breaker-openings' },
      limit: { kind: 'absolute', max: 3, tolerates: 0, outOf: 1 },
      windowMs: 300_000,
      action: 'pause',
    },
  ]
}

const RATE = {
  client: null,
  windowMs: 60_000,
  minimumSample: 50,
  action: 'roll-back',
  dryRun: false,
} as const

function againstLegacy(factor: number, plus: number) {
  return { kind: 'against-legacy', factor, plus, tolerates: 0, outOf: 1 } as const
}
