import type { Judgement } from '../guardrail/model.ts'
import { WHOLE } from '../model.ts'
import { durationWords, shareWords } from '../words.ts'
import type { Plan, RampAct, RampInputs, RampState, WaitsFor } from './model.ts'
import {
  activeStage,
  actOf,
  counting,
  enterStage,
  pausedState,
  restartEvidence,
  rolledBackState,
  settle,
  stageWords,
  versioned,
} from './state.ts'
import { stepDown } from './step-down.ts'
import { binding, hasNext, isHealthy, obstacles, whyItWaits } from './waiting.ts'

/**
 * A ramp at a moment (rules 13-17 and 20a): what it does by itself, given what is known. Pure; called about once a
 * second by whoever is elected. Acts come in the order they happened, and each is worth a row in the audit. The
 * caller stores the state with a compare-and-set on `version` in the transaction that moves the share; when only
 * the clock has moved, every fifteen seconds will do.
 *
 * The order is that of danger: what others did to the share, what the guardrails say (in every state), a new
 * version of the service, and last the plan.
 */
export function tick(plan: Plan, state: RampState, inputs: RampInputs, now: number): Ticked {
  const isOver = state.status === 'ended' && state.share === 0 && inputs.shareInForce === 0
  if (state.status === 'ready' || isOver) return { state, acts: [] }
  const run = new Run(plan, settle(state, now), inputs, now)
  run.noticeShare()
  run.tellVerdicts()
  run.obeyGuardrails()
  run.noticeVersion()
  run.followPlan()
  return { state: versioned(state, run.state), acts: run.acts }
}

export interface Ticked {
  readonly state: RampState
  readonly acts: readonly RampAct[]
}

class Run {
  state: RampState
  readonly acts: RampAct[] = []
  readonly #plan: Plan
  readonly #inputs: RampInputs
  readonly #now: number

  constructor(plan: Plan, state: RampState, inputs: RampInputs, now: number) {
    this.#plan = plan
    this.state = state
    this.#inputs = inputs
    this.#now = now
  }

  /** Somebody moved the share past the ramp: a journaled roll back, an emergency, an older program. */
  noticeShare(): void {
    const { shareInForce } = this.#inputs
    if (shareInForce === this.state.share) return
    if (shareInForce === 0) {
      const after = rolledBackState(this.state, this.#now)
      return this.#become(after, 'rolled-back', 'The share is 0: it was rolled back past the ramp', {
        notify: true,
      })
    }
    const moved = { ...this.state, share: shareInForce }
    const words = `The share is ${shareWords(shareInForce)}, the ramp had left it at ${shareWords(this.state.share)}`
    if (this.state.status === 'ended') return this.#become(moved, 'hand-moved', words)
    this.#become(pausedState(moved, 'hand-move'), 'hand-moved', `${words}: paused`, { notify: true })
  }

  /** Only changes are told, and of those only what concerns failing or missing numbers. */
  tellVerdicts(): void {
    const { judgements } = this.#inputs
    for (const judgement of judgements) {
      const before = this.state.verdicts[judgement.key]
      if (before === judgement.verdict) continue
      const wasQuiet = before === undefined || before === 'pass' || before === 'inconclusive'
      if (wasQuiet && (judgement.verdict === 'pass' || judgement.verdict === 'inconclusive')) continue
      const verb = judgement.dryRun && judgement.verdict === 'fail' ? 'would have fired' : judgement.verdict
      this.#tell('verdict', `${judgement.name}: ${verb}. ${judgement.words}`, {
        cause: judgement,
        notify: !judgement.dryRun,
      })
    }
    const verdicts = Object.fromEntries(judgements.map(({ key, verdict }) => [key, verdict]))
    this.state = { ...this.state, verdicts }
  }

  /** In every state in which anybody is on new. */
  obeyGuardrails(): void {
    const failing = this.state.share === 0 ? [] : binding(this.#inputs).filter(fails)
    const rollsBack = failing.filter(({ action }) => action === 'roll-back')
    const first = rollsBack[0]
    if (first !== undefined && !this.#inputs.pointOfNoReturn) {
      if (this.#inputs.legacyIsWorse === null) return this.#rollBack(first)
      return this.#withhold(rollsBack)
    }
    if (this.state.withheld.length > 0) this.state = { ...this.state, withheld: [] }
    const pauses = failing[0]
    if (pauses !== undefined && this.state.status === 'running' && !this.#inputs.pointOfNoReturn) {
      this.#become(
        pausedState(this.state, 'guardrail'),
        'paused',
        `Paused by ${pauses.name}. ${pauses.words}`,
        {
          cause: pauses,
          notify: true,
        },
      )
    }
  }

  noticeVersion(): void {
    const { serviceVersion } = this.#inputs
    const before = this.state.serviceVersion
    if (serviceVersion === null || serviceVersion === before) return
    const known = { ...this.state, serviceVersion }
    if (before === null || this.state.share === 0) {
      this.state = known
      return
    }
    const words = `New version ${serviceVersion} (was ${before})`
    if (this.state.status !== 'running' && this.state.status !== 'paused')
      return this.#become({ ...known, sampleSince: this.#now }, 'new-version', words, { notify: true })
    const below = this.#plan.stages[this.state.stage - 1]
    const restarted = restartEvidence(known, this.#now)
    if (this.#plan.onNewVersion === 'restart' || below === undefined || this.#inputs.legacyIsWorse !== null)
      return this.#become(restarted, 'new-version', `${words}: hold and sample begin again`, { notify: true })
    const stage = this.state.stage - 1
    const share = Math.min(below.share, this.state.share)
    const back = { ...restarted, stage, share, enteredAt: this.#now, extraHoldMs: 0, ticked: [] }
    this.#become(back, 'new-version', `${words}: back to ${stageWords(this.#plan, stage)}`, { notify: true })
  }

  followPlan(): void {
    if (this.state.status === 'stepping-back') return this.#stepBack()
    if (this.state.status === 'running') this.#advanceOrWait()
  }

  #advanceOrWait(): void {
    const waits = obstacles(this.#plan, this.state, this.#inputs, this.#now)
    const what = waits[0]
    if (what === undefined) return this.#advance()
    const isNew = what !== this.state.waitsFor
    if (isNew) this.state = { ...this.state, waitsFor: what, waitsSince: this.#now }
    const isHolding = waits.includes('hold') && isHealthy(waits)
    this.state = counting(this.state, isHolding ? 'held' : HELD_UP_BY_OTHERS.has(what) ? 'nothing' : 'waited')
    if (isNew && FOR_PEOPLE.has(what)) {
      const words = whyItWaits(this.#plan, this.state, this.#inputs, this.#now)
      this.#tell('waits', words, { notify: true })
    }
    this.#callPerson(what)
  }

  #callPerson(what: WaitsFor): void {
    const longest = activeStage(this.#plan, this.state)?.maxWaitMs ?? null
    const { waitedMs } = this.state.clock
    if (longest === null || this.state.calledAt !== null || waitedMs < longest) return
    if (what === 'hold' || HELD_UP_BY_OTHERS.has(what)) return
    this.state = { ...this.state, calledAt: this.#now }
    const why = whyItWaits(this.#plan, this.state, this.#inputs, this.#now)
    this.#tell('person-called', `Held up for ${durationWords(waitedMs)}. ${why}`, {
      notify: true,
      callsPerson: true,
    })
  }

  #advance(): void {
    const leaves = stageWords(this.#plan, this.state.stage)
    const next = this.#plan.stages[this.state.stage + 1]
    if (!hasNext(this.#plan, this.state) || next === undefined) return this.#complete()
    const why = `healthy for ${durationWords(this.state.clock.heldMs)}, ${guardrailWords(this.#inputs)}`
    const stage = this.state.stage + 1
    const after = enterStage(this.state, stage, next.share, this.#now)
    this.#become(after, 'advanced', `From ${leaves} to ${stageWords(this.#plan, stage)}: ${why}`, {
      evidence: binding(this.#inputs),
      notify: true,
    })
  }

  #complete(): void {
    const ending = this.state.share === WHOLE ? 'complete' : 'below-100'
    const after = { ...counting(this.state, 'nothing'), status: 'ended', ending } as const
    const words =
      ending === 'complete'
        ? 'Complete: everybody is on new. Guardrails stay on guard until the point of no return'
        : `The plan ends at ${shareWords(this.state.share)}`
    const evidence = binding(this.#inputs)
    this.#become({ ...after, waitsFor: null, waitsSince: null }, 'completed', words, {
      evidence,
      notify: true,
    })
  }

  #stepBack(): void {
    const { nextStepAt } = this.state
    if (nextStepAt === null || this.#now < nextStepAt) return
    const { legacyIsWorse } = this.#inputs
    if (legacyIsWorse !== null) {
      if (this.state.calledAt !== null) return
      this.state = { ...this.state, calledAt: this.#now }
      return this.#tell('roll-back-withheld', `The next step back waits: legacy is worse. ${legacyIsWorse}`, {
        notify: true,
        callsPerson: true,
      })
    }
    this.state = stepDown(this.#plan, this.state, this.#now, (after, words) =>
      this.acts.push(actOf('stepped-back', this.state, after, this.#now, words, { notify: true })),
    )
  }

  #rollBack(cause: Judgement): void {
    const words = `Rolled back from ${shareWords(this.state.share)} by ${cause.name}. ${cause.words}`
    this.#become(rolledBackState(this.state, this.#now), 'rolled-back', words, { cause, notify: true })
  }

  #withhold(causes: readonly Judgement[]): void {
    const fresh = causes.filter(({ key }) => !this.state.withheld.includes(key))
    this.state = { ...this.state, withheld: causes.map(({ key }) => key) }
    for (const cause of fresh) {
      const words = `${cause.name} fails, but legacy is worse: held, a person decides. ${cause.words}; ${this.#inputs.legacyIsWorse ?? ''}`
      this.#tell('roll-back-withheld', words, { cause, notify: true, callsPerson: true })
    }
  }

  #become(after: RampState, kind: RampAct['kind'], words: string, details: Details = {}): void {
    this.acts.push(actOf(kind, this.state, after, this.#now, words, details))
    this.state = after
  }

  #tell(kind: RampAct['kind'], words: string, details: Details): void {
    this.#become(this.state, kind, words, details)
  }
}

interface Details {
  readonly cause?: Judgement
  readonly evidence?: readonly Judgement[]
  readonly notify?: boolean
  readonly callsPerson?: boolean
}

/** Freezes end by themselves or by somebody who knows; nobody is called about them. */
const HELD_UP_BY_OTHERS: ReadonlySet<WaitsFor> = new Set(['freeze', 'stop-the-line'])
const FOR_PEOPLE: ReadonlySet<WaitsFor> = new Set([
  'checklist',
  'person',
  'approval',
  'freeze',
  'stop-the-line',
])

function fails({ verdict }: Judgement): boolean {
  return verdict === 'fail'
}

function guardrailWords(inputs: RampInputs): string {
  const count = binding(inputs).length
  if (count === 0) return 'no guardrails'
  return count === 1 ? 'its guardrail passes' : `all ${count} guardrails pass`
}
