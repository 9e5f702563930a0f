import { errorBudget } from '@crossfade/core/guardrail/error-budget'
import type { EvidenceWindow } from '@crossfade/core/guardrail/evidence'
import { judge } from '@crossfade/core/guardrail/judge'
import { legacyIsWorse } from '@crossfade/core/guardrail/legacy-health'
import type { GuardrailMemory } from '@crossfade/core/guardrail/memory'
import type { Judgement } from '@crossfade/core/guardrail/model'
import { selectWindows, type Judgeable } from '@crossfade/core/guardrail/select-windows'
import type { RampAct, RampInputs, RampState } from '@crossfade/core/ramp/model'
import { start } from '@crossfade/core/ramp/person-acts'
import { freshRamp } from '@crossfade/core/ramp/state'
import { tick } from '@crossfade/core/ramp/tick'
import { binding } from '@crossfade/core/ramp/waiting'
import type { Chance } from './chance.ts'
import { House, type Row } from './house.ts'
import { helpfulAct, randomAct } from './people.ts'
import { checkAudit, checkSamples, checkTick } from './properties.ts'
import type { Scenario } from './scenario.ts'
import { isFaulty, simulateWindow, type FaultKind, type World } from './world.ts'

/** How a simulated ramp ended, for counting what the runs covered. */
export interface Summary {
  readonly ending: string
  readonly ticks: number
  readonly crashes: number
  readonly lostRaces: number
  /** A guardrail rolled it back although nothing had been wrong with new. */
  readonly falselyRolledBack: boolean
}

const HARMFUL: ReadonlySet<FaultKind> = new Set([
  'error-step',
  'all-errors',
  'all-404',
  'slow-drift',
  'both-worse',
])
const STEP_MS = 60_000
const AGE_MS = 3_000
/** After its end a ramp is watched for so long. */
const AFTERWARDS = 6 * 60

/** One ramp through its virtual days, with everything that can go wrong; throws where a property does not hold. */
export class Simulation {
  readonly #scenario: Scenario
  readonly #chance: Chance
  readonly #house: House
  /** One window for each step since the beginning. */
  readonly #history: EvidenceWindow[] = []
  /** Requests on new before each of them. */
  readonly #requestsBefore: number[] = [0]
  #healthyMs = 0
  #stageKey = ''
  #lastHealthy = false
  #lastStored = 0
  #ticks = 0
  #crashes = 0
  #lostRaces = 0

  constructor(scenario: Scenario, chance: Chance) {
    this.#scenario = scenario
    this.#chance = chance
    this.#house = new House({ state: freshRamp(0, 0), memories: {} })
  }

  run(until: number): Summary {
    this.#begin()
    let ended = 0
    for (let at = 0; at < until && ended < AFTERWARDS; at += STEP_MS) {
      this.#live(at)
      const now = at + STEP_MS + AGE_MS
      this.#runnerTicks(now)
      this.#checkDisaster(now)
      this.#peopleAct(now)
      this.#rewriteHistory(at)
      if (this.#house.load().state.status === 'ended') ended++
    }
    checkAudit(this.#house.audit)
    const { state } = this.#house.load()
    return {
      ending: state.ending ?? state.status,
      ticks: this.#ticks,
      crashes: this.#crashes,
      lostRaces: this.#lostRaces,
      falselyRolledBack: this.#house.audit.some((act) => isFalse(act, this.#scenario.world)),
    }
  }

  #live(at: number): void {
    const { share } = this.#house.load().state
    const window = simulateWindow(this.#scenario.world, share, at, STEP_MS / 1_000, this.#chance)
    this.#history.push(window)
    this.#requestsBefore.push((this.#requestsBefore.at(-1) ?? 0) + window.new.tally.requests)
  }

  #begin(): void {
    const row = this.#house.load()
    const act = { by: 'ada', at: 0, reason: null, leaving: -1 }
    const calm = { ...this.#inputs(row, [], 0), freeze: null }
    const started = start(this.#scenario.plan, row.state, act, calm)
    if (!started.ok) throw new Error(started.words)
    this.#house.save(row.state.version, { ...row, state: started.state }, started.acts)
  }

  #runnerTicks(now: number): void {
    this.#ticks++
    const { crashes, busyness, plan } = this.#scenario
    if (this.#chance.is(crashes / 3)) return this.#crash()
    const row = this.#house.load()
    const { judgements, memories } = this.#judge(row, now)
    checkSamples(judgements, this.#scenario.guardrails)
    const inputs = this.#inputs(row, judgements, now)
    if (this.#chance.is(crashes / 3)) return this.#crash()
    const ticked = tick(plan, row.state, inputs, now)
    // Meanwhile a person, or another runner that believes it is elected.
    if (this.#chance.is(busyness)) this.#try(randomAct(plan, row.state, inputs, now, this.#chance), row)
    const stored = this.#house.save(row.state.version, { state: ticked.state, memories }, ticked.acts)
    if (!stored) {
      this.#lostRaces++
      return
    }
    const healthyMs = this.#book(row.state, now)
    checkTick({ plan, before: row.state, after: ticked.state, inputs, acts: ticked.acts, healthyMs })
    this.#lastHealthy =
      row.state.status === 'running' &&
      ticked.state.status === 'running' &&
      binding(inputs).every(({ verdict }) => verdict === 'pass')
    this.#lastStored = now
    const twin = tick(plan, row.state, inputs, now)
    const repeated = this.#house.save(row.state.version, { state: twin.state, memories }, twin.acts)
    if (repeated && twin.acts.length > 0) throw new Error('the same tick was stored twice')
    if (this.#chance.is(crashes / 3)) this.#crash()
  }

  /** Whatever the judge says: a service that answered three minutes with nothing but errors has no share left. */
  #checkDisaster(now: number): void {
    const { guardrails } = this.#scenario
    const { state, memories } = this.#house.load()
    const last = this.#history.slice(-3)
    const isDisaster = last.every(
      ({ legacy, new: fresh }) =>
        fresh.tally.requests >= 300 &&
        fresh.tally.statuses[4] === fresh.tally.requests &&
        legacy.tally.requests >= 300 &&
        legacy.tally.statuses[4] < legacy.tally.requests / 10,
    )
    const isGuarded = guardrails.some(({ id, dryRun }) => id === 'errors' && !dryRun)
    const isJudged = (memories['errors']?.through ?? 0) >= now - AGE_MS
    if (isDisaster && isGuarded && isJudged && last.length === 3 && state.share > 0)
      throw new Error('nothing but errors for three minutes, and still a share')
  }

  /** Healthy time in this stage, booked from stored tick to stored tick as a bystander would. */
  #book(state: RampState, now: number): number {
    const key = `${state.stage}/${state.enteredAt}/${state.sampleSince}`
    if (key !== this.#stageKey) {
      this.#healthyMs = 0
      this.#stageKey = key
      // The tick that entered the stage judged another share.
      this.#lastHealthy = true
      this.#lastStored = Math.max(this.#lastStored, state.sampleSince)
    }
    this.#bookUntil(now)
    return this.#healthyMs
  }

  #bookUntil(now: number): void {
    if (this.#lastHealthy && now - this.#lastStored <= STEP_MS) this.#healthyMs += now - this.#lastStored
    this.#lastHealthy = false
    this.#lastStored = now
  }

  #peopleAct(now: number): void {
    const row = this.#house.load()
    const inputs = this.#inputs(row, [], now)
    const { plan, busyness } = this.#scenario
    if (this.#chance.is(0.05)) {
      const help = helpfulAct(plan, row.state, inputs, now)
      if (help !== null) this.#try(help, row)
    }
    if (!this.#chance.is(busyness)) return
    const again = this.#house.load()
    const outcome = randomAct(plan, again.state, this.#inputs(again, [], now), now, this.#chance)
    this.#try(outcome, again)
    const after = this.#house.load().state
    const rolledBack = outcome.ok && outcome.acts.some(({ kind }) => kind === 'rolled-back')
    if (rolledBack && after.share !== 0) throw new Error('a roll back did not win')
  }

  #try(outcome: ReturnType<typeof randomAct>, row: Row): void {
    if (!outcome.ok || outcome.acts.length === 0) return
    const stored = this.#house.save(row.state.version, { ...row, state: outcome.state }, outcome.acts)
    const last = outcome.acts.at(-1)
    if (!stored || last === undefined) return
    // A pause books what has passed since the last tick.
    if (outcome.state.status === 'paused' && row.state.status === 'running') this.#bookUntil(last.at)
  }

  #judge(row: Row, now: number) {
    const { guardrails } = this.#scenario
    const judgeable = this.#judgeable(now)
    const memories: Record<string, GuardrailMemory> = {}
    const judgements: Judgement[] = []
    for (const guardrail of guardrails) {
      const memory = row.memories[guardrail.id] ?? null
      const through = memory?.through ?? 0
      // Some that were judged before are offered again.
      const offered = this.#history.slice(Math.max(0, Math.floor(through / STEP_MS) - 4))
      const windows = selectWindows(offered, through, judgeable)
      const judged = judge(guardrail, memory, windows, {
        now,
        mappingId: 'm1',
        since: row.state.sampleSince,
        share: row.state.share,
        alpha: errorBudget(guardrails, 1),
        judgeable,
      })
      if (memory !== null && judged.memory.through < memory.through) throw new Error('judged backwards')
      memories[guardrail.id] = judged.memory
      judgements.push(judged.judgement)
    }
    return { judgements, memories }
  }

  #judgeable(now: number): Judgeable {
    const { world } = this.#scenario
    const missing = world.faults.find(
      ({ kind, from, to }) => kind === 'missing-metrics' && now >= from && now < to,
    )
    return missing === undefined
      ? { through: now - AGE_MS, waitsFor: [] }
      : { through: missing.from, waitsFor: ['edge-1'] }
  }

  #inputs(row: Row, judgements: readonly Judgement[], now: number): RampInputs {
    const { freezes, versions } = this.#scenario
    const { state } = row
    return {
      judgements,
      judgedAt: now,
      requestsOnNew: this.#requestsSince(state.sampleSince, this.#judgeable(now).through),
      legacyIsWorse: legacyIsWorse(this.#history.slice(-2), null),
      shareInForce: state.share,
      freeze: freezes.some(({ from, to }) => now >= from && now < to)
        ? { name: 'freeze', until: null }
        : null,
      stopTheLine: null,
      pointOfNoReturn: false,
      raiseNeedsApproval: false,
      serviceVersion: versions.findLast(({ at }) => at <= now)?.version ?? 'v1',
    }
  }

  #crash(): void {
    this.#crashes++
    this.#house.takeOver()
  }

  /** In windows that lie between the two times as a whole. */
  #requestsSince(since: number, through: number): number {
    const before = (at: number) => this.#requestsBefore[Math.min(at, this.#history.length)] ?? 0
    const first = Math.ceil(since / STEP_MS)
    return Math.max(0, before(Math.floor(through / STEP_MS)) - before(first))
  }

  /** Late batches make what was judged look terrible, which is history by then. */
  #rewriteHistory(at: number): void {
    const index = at / STEP_MS - 3
    const window = this.#history[index]
    if (window === undefined || !isFaulty(this.#scenario.world, 'late-batches', at)) return
    const judged = Object.values(this.#house.load().memories).every(({ through }) => through > window.at)
    if (!judged) return
    const { tally } = window.new
    const terrible = { ...tally, statuses: [0, 0, 0, 0, tally.requests] as const }
    this.#history[index] = { ...window, new: { ...window.new, tally: terrible } }
  }
}

function isFalse({ kind, cause, at }: RampAct, { faults }: World): boolean {
  if (kind !== 'rolled-back' || cause === null) return false
  return !faults.some((fault) => HARMFUL.has(fault.kind) && fault.from <= at)
}
