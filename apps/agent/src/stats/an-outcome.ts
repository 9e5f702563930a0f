import type { Outcome } from './recorder.ts'

/** For tests: a request that legacy answered well. */
export function anOutcome(overrides: Partial<Outcome> = {}): Outcome {
  return {
    mappingId: 'books',
    side: 'legacy',
    via: 'split',
    status: 200,
    failure: null,
    latencyMs: 12,
    bytesIn: 0,
    bytesOut: 0,
    retries: 0,
    fallback: false,
    replaced: null,
    ...overrides,
  }
}
