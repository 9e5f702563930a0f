import type { rampCreateSchema, RampDetail } from '@crossfade/contracts/api/ramps'
import type { SeriesSample, StatsWindow } from '@crossfade/contracts/stats'
import type { Side } from '@crossfade/core/model'
import { LatencySketch } from '@crossfade/core/sketch'
import { emptyTally } from '@crossfade/core/tally'
import { createLogger } from '@crossfade/runtime/logger'
import type { ManualClock } from '@crossfade/testkit/manual-clock'
import type { z } from 'zod'
import { anna, testActs, type TestActs } from '../acts/acts-for-test.ts'
import { countBatches } from '../series/count-batches.ts'
import { soleLeadership } from '../store/leadership.ts'
import type { Store } from '../store/store.ts'
import { createRampRunner, type RampRunner } from './runner.ts'

/** What one side does in each second. */
export interface Load {
  readonly requests: number
  readonly errors?: number
  readonly notFound?: number
  readonly ms?: number
}

export interface RampScene {
  readonly acts: TestActs
  readonly runner: RampRunner
  /** Another control plane on the same database, which believes to be elected too. */
  anotherRunner(over?: Store): RampRunner
  /** A mapping with a started ramp. */
  begin(input: Partial<z.input<typeof rampCreateSchema>>): Promise<{ mappingId: string; rampId: string }>
  /** Seconds of traffic, reported by an agent in steps of five, with a turn of the runner after each. */
  live(mappingId: string, seconds: number, legacy: Load, fresh: Load, runner?: RampRunner): Promise<void>
  /** The same without a turn. */
  report(mappingId: string, seconds: number, legacy: Load, fresh: Load): Promise<void>
  ramp(id: string): Promise<RampDetail>
  percentOf(mappingId: string): Promise<number>
  acted(rampId: string): Promise<string[]>
}

const STEP_SECONDS = 5

export async function rampScene(store: Store, clock: ManualClock): Promise<RampScene> {
  const acts = testActs(store, clock)
  const logger = createLogger('ramps', 'silent')
  const agent = await store.prisma.agent.create({
    data: { environmentId: 'default', name: `edge-${clock.now()}`, tokenId: 'none' },
  })
  let seq = 0
  const runnerOn = (over: Store) =>
    createRampRunner({ store: over, leadership: soleLeadership, clock, logger })
  const runner = runnerOn(store)

  const report: RampScene['report'] = async (mappingId, seconds, legacy, fresh) => {
    const end = clock.now()
    const windows: StatsWindow[] = Array.from({ length: seconds }, (_, index) => ({
      at: end - (seconds - index) * 1_000,
      samples: [...sampleOf(mappingId, 'legacy', legacy), ...sampleOf(mappingId, 'new', fresh)],
    }))
    const batch = { boot: 'boot', seq: ++seq, windows, lostWindows: 0 }
    await countBatches(store, clock, [{ agentId: agent.id, environmentId: 'default', batch }])
  }

  return {
    acts,
    runner,
    anotherRunner: (over = store) => runnerOn(over),
    async begin(input) {
      const mapping = await acts.aMapping()
      const ramp = await acts.aRamp({ kind: 'mapping', id: mapping.id }, input)
      await acts.ramps.perform(anna, ramp.id, 'start', {}, ramp.version)
      return { mappingId: mapping.id, rampId: ramp.id }
    },
    async live(mappingId, seconds, legacy, fresh, by = runner) {
      for (let passed = 0; passed < seconds; passed += STEP_SECONDS) {
        clock.advance(STEP_SECONDS * 1_000)
        await report(mappingId, STEP_SECONDS, legacy, fresh)
        await by.turn()
      }
    },
    report,
    ramp: (id) => acts.ramps.detail(id),
    percentOf: async (mappingId) => (await acts.mappings.get(mappingId)).split.percent,
    acted: async (rampId) => (await acts.historyOf(rampId)).map(({ act }) => act),
  }
}

function sampleOf(mappingId: string, side: Side, load: Load): SeriesSample[] {
  const { requests, errors = 0, notFound = 0, ms = 20 } = load
  if (requests === 0) return []
  const sketch = new LatencySketch()
  for (let i = 0; i < requests; i++) sketch.add(ms)
  const statuses = [0, requests - errors - notFound, 0, notFound, errors] as [
    number,
    number,
    number,
    number,
    number,
  ]
  return [
    {
      mappingId,
      side,
      via: 'split',
      tally: { ...emptyTally(), failures: { ...emptyTally().failures }, requests, statuses },
      sketch: Buffer.from(sketch.encode()).toString('base64'),
    },
  ]
}
