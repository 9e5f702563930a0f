import { defaultGuardrails } from '@crossfade/core/guardrail/defaults'
import type { Guardrail } from '@crossfade/core/guardrail/model'
import type { Gate, Plan, Stage } from '@crossfade/core/ramp/model'
import type { Chance } from './chance.ts'
import type { Fault, FaultKind, World } from './world.ts'

export interface Scenario {
  readonly plan: Plan
  readonly guardrails: readonly Guardrail[]
  readonly world: World
  readonly freezes: readonly { readonly from: number; readonly to: number }[]
  readonly versions: readonly { readonly at: number; readonly version: string }[]
  /** The part of the runner's ticks that crash somewhere. */
  readonly crashes: number
  /** The part of minutes in which a person does something. */
  readonly busyness: number
}

const MINUTE = 60_000
const HOUR = 60 * MINUTE
export const WEEK = 7 * 24 * HOUR

export function randomScenario(chance: Chance): Scenario {
  return {
    plan: randomPlan(chance),
    guardrails: defaultGuardrails()
      .filter(({ id }) => id === 'errors' || chance.is(0.7))
      .map(varied),
    world: randomWorld(chance),
    freezes: chance.is(0.3) ? [span(chance, 24 * HOUR)] : [],
    versions: chance.is(0.3) ? [{ at: chance.between(0, WEEK / 3), version: 'v2' }] : [],
    crashes: chance.one([0, 0.02, 0.3]),
    busyness: chance.one([0, 0.001, 0.03]),
  }

  function varied(guardrail: Guardrail): Guardrail {
    return { ...guardrail, dryRun: chance.is(0.05), minimumSample: chance.one([20, 50, 300]) }
  }
}

function randomPlan(chance: Chance): Plan {
  const shares = new Set<number>()
  for (let i = chance.whole(1, 5); i > 0; i--) shares.add(chance.whole(1, 10_000))
  if (chance.is(0.6)) shares.add(10_000)
  return {
    template: 'random',
    stages: [...shares].sort((a, b) => a - b).map((share) => randomStage(share, chance)),
    stepBackMs: chance.whole(1, 20) * MINUTE,
    onNewVersion: chance.one(['restart', 'step-back']),
  }
}

function randomStage(share: number, chance: Chance): Stage {
  return {
    share,
    gate: chance.one<Gate>(['automatic', 'automatic', 'automatic', 'manual', 'approval']),
    holdMs: chance.whole(1, chance.one([10, 60, 1_440])) * MINUTE,
    minimumRequests: chance.one([0, 50, 1_000]),
    checklist: chance.is(0.1) ? [{ id: 'look', text: 'Somebody looked', required: true }] : [],
    maxWaitMs: chance.one([null, HOUR, 12 * HOUR]),
    sampling: null,
  }
}

function randomWorld(chance: Chance): World {
  const kinds: [FaultKind, ...FaultKind[]] = [
    'error-step',
    'all-errors',
    'all-404',
    'slow-drift',
    'legacy-worse',
    'both-worse',
    'missing-metrics',
    'late-batches',
  ]
  const faults: Fault[] = []
  for (let i = chance.whole(0, 3); i > 0; i--)
    faults.push({
      kind: chance.one(kinds),
      ...span(chance, chance.one([10 * MINUTE, 3 * HOUR, 2 * 24 * HOUR])),
    })
  // A guardrail fails while legacy is worse: neither happens to the other by chance.
  if (chance.is(0.15)) {
    const both = span(chance, 3 * HOUR)
    faults.push({ kind: 'all-404', ...both }, { kind: 'legacy-worse', ...both })
  }
  return {
    traffic: chance.one(['steady', 'daily', 'bursts', 'nothing-at-night']),
    perSecond: chance.one([0.05, 1, 20]),
    errorRate: chance.one([0, 0.001, 0.01, 0.05]),
    clientErrorRate: chance.one([0, 0.02, 0.2]),
    medianMs: chance.between(5, 500),
    faults,
  }
}

/** Most of it happens early, while the ramp is still under way. */
function span(chance: Chance, longest: number): { readonly from: number; readonly to: number } {
  const from = chance.between(0, chance.one([2 * HOUR, 12 * HOUR, 48 * HOUR]))
  return { from, to: from + chance.between(MINUTE, longest) }
}
