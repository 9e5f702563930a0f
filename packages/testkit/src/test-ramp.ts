import { aPersonAct, rampInputs } from './ramp-builders.ts'
import { start } from '@crossfade/core/ramp/person-acts'
import type { Outcome, Plan, RampAct, RampInputs, RampState } from '@crossfade/core/ramp/model'
import { freshRamp } from '@crossfade/core/ramp/state'
import { tick } from '@crossfade/core/ramp/tick'

export const MINUTE = 60_000

/** A ramp in a test, with a clock that moves in steps of three seconds. */
export class TestRamp {
  now = 0
  state: RampState
  readonly acts: RampAct[] = []
  readonly plan: Plan
  inputs: Partial<RampInputs> = {}

  constructor(plan: Plan) {
    this.plan = plan
    this.state = freshRamp(0, 0)
  }

  static started(plan: Plan): TestRamp {
    const ramp = new TestRamp(plan)
    ramp.does((state) => start(plan, state, aPersonAct(), ramp.known()))
    return ramp
  }

  /** Everything as `inputs` say, else well. */
  known(): RampInputs {
    return rampInputs(this.state.share, this.now, this.inputs)
  }

  tick(): readonly RampAct[] {
    const { state, acts } = tick(this.plan, this.state, this.known(), this.now)
    this.state = state
    this.acts.push(...acts)
    return acts
  }

  /** Ticks every three seconds for so long. */
  wait(ms: number): this {
    const end = this.now + ms
    while (this.now < end) {
      this.now += 3_000
      this.tick()
    }
    return this
  }

  /** An act that must be possible. */
  does(act: (state: RampState) => Outcome): void {
    const outcome = act(this.state)
    if (!outcome.ok) throw new Error(`${outcome.code}: ${outcome.words}`)
    this.state = outcome.state
    this.acts.push(...outcome.acts)
  }

  kinds(): string[] {
    return this.acts.map(({ kind }) => kind)
  }

  get last(): RampAct | undefined {
    return this.acts.at(-1)
  }
}
