import type { Judgement } from '../guardrail/model.ts'
import { same } from '../same.ts'
import { shareWords } from '../words.ts'
import type { Plan, RampAct, RampActKind, RampState, SamplingRaise, Stage, StageClock } from './model.ts'

/**
 * Time that nobody judged is not held: after a gap between two ticks that is longer than this, the hold goes on
 * from where it was.
 */
const LONGEST_GAP_MS = 60_000

/** A ramp that has not begun; `share` is what its mapping or group has now. */
export function freshRamp(share: number, now: number): RampState {
  return {
    version: 1,
    status: 'ready',
    ending: null,
    pausedBy: null,
    stage: -1,
    share,
    enteredAt: null,
    sampleSince: now,
    clock: clockAt(now),
    extraHoldMs: 0,
    ticked: [],
    approval: null,
    waitsFor: null,
    waitsSince: null,
    calledAt: null,
    withheld: [],
    serviceVersion: null,
    verdicts: {},
    nextStepAt: null,
  }
}

/** The stage that is active, or undefined before the first. */
export function activeStage(plan: Plan, state: RampState): Stage | undefined {
  return plan.stages[state.stage]
}

/** What the active stage asks to be watched more closely; null when the ramp is not under way. */
export function samplingOf(plan: Plan, state: RampState): SamplingRaise | null {
  const active = state.status === 'running' || state.status === 'paused'
  return active ? (activeStage(plan, state)?.sampling ?? null) : null
}

/** Hold that is still to come before the stage can be left, in ms. */
export function remainingHoldMs(plan: Plan, state: RampState): number {
  const hold = (activeStage(plan, state)?.holdMs ?? 0) + state.extraHoldMs
  return Math.max(0, hold - state.clock.heldMs)
}

/** Books the time since the last tick for what it counted as. */
export function settle(state: RampState, now: number): RampState {
  const { heldMs, waitedMs, counts, at } = state.clock
  const passed = Math.max(0, now - at)
  const clock: StageClock = {
    heldMs: heldMs + (counts === 'held' && passed <= LONGEST_GAP_MS ? passed : 0),
    waitedMs: waitedMs + (counts === 'waited' ? passed : 0),
    counts,
    at: Math.max(at, now),
  }
  return { ...state, clock }
}

/** The clock goes on, stands or counts as waiting from now on. */
export function counting(state: RampState, counts: StageClock['counts']): RampState {
  return state.clock.counts === counts ? state : { ...state, clock: { ...state.clock, counts } }
}

/** At the beginning of a stage: nothing held, nothing ticked, nobody called. Evidence counts from now. */
export function enterStage(state: RampState, stage: number, share: number, now: number): RampState {
  return {
    ...restartEvidence(state, now),
    status: 'running',
    ending: null,
    pausedBy: null,
    stage,
    share,
    enteredAt: now,
    extraHoldMs: 0,
    ticked: [],
    withheld: [],
    nextStepAt: null,
  }
}

/** Hold and sample begin again; an approval was given for what was seen before. */
export function restartEvidence(state: RampState, now: number): RampState {
  return {
    ...state,
    sampleSince: now,
    clock: clockAt(now),
    approval: null,
    waitsFor: null,
    waitsSince: null,
    calledAt: null,
  }
}

/** Stands still where it is; the hold keeps what it has. */
export function pausedState(state: RampState, pausedBy: NonNullable<RampState['pausedBy']>): RampState {
  const still = counting(state, 'nothing')
  return { ...still, status: 'paused', pausedBy, waitsFor: null, waitsSince: null, nextStepAt: null }
}

/** Share to 0, and the ramp is over. */
export function rolledBackState(state: RampState, now: number): RampState {
  return {
    ...restartEvidence(state, now),
    status: 'ended',
    ending: 'rolled-back',
    pausedBy: null,
    share: 0,
    withheld: [],
    nextStepAt: null,
  }
}

/** `version` rises unless only time has passed. */
export function versioned(before: RampState, after: RampState): RampState {
  const still = { ...after.clock, heldMs: 0, waitedMs: 0, at: 0 }
  const was = { ...before.clock, heldMs: 0, waitedMs: 0, at: 0 }
  const changed = !same({ ...after, clock: still }, { ...before, clock: was })
  return { ...after, version: changed ? before.version + 1 : before.version }
}

interface ActDetails {
  readonly by?: string | null
  readonly reason?: string | null
  readonly cause?: Judgement | null
  readonly evidence?: readonly Judgement[]
  readonly notify?: boolean
  readonly callsPerson?: boolean
}

export function actOf(
  kind: RampActKind,
  before: RampState,
  after: RampState,
  at: number,
  words: string,
  details: ActDetails = {},
): RampAct {
  return {
    kind,
    at,
    by: details.by ?? null,
    from: { stage: before.stage, share: before.share },
    to: { stage: after.stage, share: after.share },
    words,
    reason: details.reason ?? null,
    cause: details.cause ?? null,
    evidence: details.evidence ?? [],
    notify: details.notify ?? false,
    callsPerson: details.callsPerson ?? false,
  }
}

/** `stage 2 of 5 (25 %)`. */
export function stageWords(plan: Plan, stage: number): string {
  const share = plan.stages[stage]?.share
  if (share === undefined) return 'before the first stage'
  return `stage ${stage + 1} of ${plan.stages.length} (${shareWords(share)})`
}

function clockAt(now: number): StageClock {
  return { heldMs: 0, waitedMs: 0, counts: 'nothing', at: now }
}
