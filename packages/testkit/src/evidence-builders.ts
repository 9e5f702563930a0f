import type { EvidenceWindow, SideWindow } from '@crossfade/core/guardrail/evidence'
import type { Guardrail } from '@crossfade/core/guardrail/model'
import { LatencySketch } from '@crossfade/core/sketch'
import { emptyTally } from '@crossfade/core/tally'

interface SideParts {
  readonly requests?: number
  readonly errors?: number
  readonly clientErrors?: number
  readonly timeouts?: number
  /** One for each request, in ms. */
  readonly latencies?: readonly number[]
}

/** One side over one window; requests that are not said to be bad succeeded. */
export function aSideWindow(parts: SideParts = {}): SideWindow {
  const { errors = 0, clientErrors = 0, timeouts = 0, latencies } = parts
  const requests = parts.requests ?? latencies?.length ?? 0
  const empty = emptyTally()
  const good = requests - errors - clientErrors - timeouts
  const sketch = latencies === undefined ? null : new LatencySketch()
  for (const latency of latencies ?? []) sketch?.add(latency)
  return {
    tally: {
      ...empty,
      requests,
      statuses: [0, good, 0, clientErrors, errors],
      failures: { ...empty.failures, timeout: timeouts },
    },
    latency: sketch,
  }
}

/** One second of both sides. */
export function aWindow(
  at: number,
  legacy: SideParts,
  fresh: SideParts,
  parts: Partial<EvidenceWindow> = {},
): EvidenceWindow {
  return {
    at,
    seconds: 1,
    legacy: aSideWindow(legacy),
    new: aSideWindow(fresh),
    breakerOpenings: 0,
    shadow: null,
    ledgerLagSeconds: null,
    external: {},
    ...parts,
  }
}

/** Errors against legacy: a fifth more and 0.1 points are allowed. */
export function aGuardrail(parts: Partial<Guardrail> = {}): Guardrail {
  return {
    id: 'errors',
    name: 'Errors',
    metric: { kind: 'error-rate' },
    limit: { kind: 'against-legacy', factor: 1.2, plus: 0.001, tolerates: 0, outOf: 1 },
    client: null,
    windowMs: 60_000,
    minimumSample: 50,
    action: 'roll-back',
    dryRun: false,
    ...parts,
  }
}
