import type { z } from 'zod'
import type { GuardrailTrial, guardrailTrialInputSchema } from '@crossfade/contracts/api/guardrails'
import type { Forecast, forecastInputSchema, RampDetail } from '@crossfade/contracts/api/ramps'
import { percentOfShare } from '@crossfade/contracts/percent'
import { Problem } from '@crossfade/contracts/problems'
import { planOf } from '@crossfade/contracts/ramp'
import { under } from '@crossfade/core/field-error'
import { accept, type AcceptanceResult } from '@crossfade/core/guardrail/acceptance'
import { defaultGuardrails } from '@crossfade/core/guardrail/defaults'
import { enoughDataMs, enoughDataWords } from '@crossfade/core/guardrail/enough-data'
import { errorBudget } from '@crossfade/core/guardrail/error-budget'
import type { EvidenceWindow } from '@crossfade/core/guardrail/evidence'
import { problemsOfGuardrail } from '@crossfade/core/guardrail/guardrail-problems'
import { wouldHaveFired } from '@crossfade/core/guardrail/would-have-fired'
import { windowsOf } from '../ramps/evidence.ts'
import { finestFor } from '../series/read.ts'
import { environmentOfMapping, splitPoints } from '../store/series.ts'
import { findRamp, type StoredRamp } from '../store/ramps.ts'
import type { Db } from '../store/store.ts'
import type { ActParts } from './acts.ts'
import { refuseUnsound } from './ramp-refusals.ts'
import { holderIn, viewOf } from './ramps.ts'
import { found, refuseIf } from './refusals.ts'
import { holderOf } from './share-holder.ts'

/** What stored numbers say about a ramp, before it starts and while it runs. Changes nothing. */
export interface RampReports {
  /** With its stages so far, and what of the acceptance criteria they met. */
  detail(id: string): Promise<RampDetail>
  forecast(input: z.output<typeof forecastInputSchema>): Promise<Forecast>
  trial(input: z.output<typeof guardrailTrialInputSchema>): Promise<GuardrailTrial>
}

const DAY_MS = 86_400_000
const MINUTE_MS = 60_000
/** Windows that a criterion is reckoned over; more would say the same. */
const MOST_WINDOWS = 1_000

export function rampReports({ store, clock }: ActParts): RampReports {
  return {
    detail: (id) =>
      store.read(async (db) => {
        const now = clock.now()
        const ramp = found(await findRamp(db, id), 'ramp')
        const view = await viewOf(db, ramp, now)
        const visits: RampDetail['visits'] = []
        for (const { stage, share, enteredAt, leftAt } of ramp.visits) {
          visits.push({
            stage,
            percent: percentOfShare(share),
            enteredAt: new Date(enteredAt).toISOString(),
            leftAt: leftAt === null ? null : new Date(leftAt).toISOString(),
            acceptance: await resultsOver(db, ramp, enteredAt, leftAt ?? now, now),
          })
        }
        const begun = ramp.visits[0]?.enteredAt
        const over = ramp.visits.at(-1)?.leftAt ?? now
        const acceptanceResults = begun === undefined ? [] : await resultsOver(db, ramp, begun, over, now)
        return { ...view, visits, acceptanceResults }
      }),

    async forecast({ environmentId, target, ...input }) {
      const plan = planOf(input.plan)
      const guardrails = input.guardrails ?? defaultGuardrails()
      refuseUnsound({ plan, guardrails, acceptance: [] })
      const rate = await store.read(async (db) => {
        const { members } = await holderIn(db, environmentId, target)
        const rates: number[] = []
        for (const { id } of members) rates.push(await rateOf(db, environmentId, id, clock.now()))
        return rates.length === 0 ? 0 : Math.min(...rates)
      })
      const shares = plan.stages.map(({ share }) => share)
      return {
        requestsPerSecond: rate,
        words: enoughDataWords(rate, shares, guardrails, plan.stages[0]?.minimumRequests ?? 0),
        stages: plan.stages.map(({ share, holdMs, minimumRequests }) => {
          const enough = enoughDataMs(rate, share, guardrails, minimumRequests)
          return {
            percent: percentOfShare(share),
            enoughDataMs: enough,
            atLeastMs: enough === null ? null : Math.max(holdMs, enough),
          }
        }),
      }
    },

    async trial({ environmentId, mappingId, guardrail, days }) {
      refuseIf(under('guardrail', problemsOfGuardrail(guardrail)), 'invalid_guardrail')
      const now = clock.now()
      const windows = await store.read(async (db) => {
        if ((await environmentOfMapping(db, mappingId)) !== environmentId) throw unknownMapping()
        return trafficBetween(db, environmentId, [mappingId], now - days * DAY_MS, now, {
          resolution: 60,
          client: guardrail.client ?? '',
        })
      })
      const { fired, words } = wouldHaveFired(guardrail, windows, errorBudget([guardrail], 1))
      return { fired: fired.map(({ at, words: said }) => ({ at, words: said })), words }
    },
  }
}

async function resultsOver(
  db: Db,
  { environmentId, target, acceptance }: StoredRamp,
  from: number,
  to: number,
  now: number,
): Promise<AcceptanceResult[]> {
  if (acceptance.length === 0) return []
  const { members } = await holderOf(db, target.kind, target.id)
  const resolution = finestFor({ from, to, now }, MOST_WINDOWS)
  const ids = members.map(({ id }) => id)
  const windows = await trafficBetween(db, environmentId, ids, from, to, { resolution, client: '' })
  return acceptance.map((criterion) => accept(criterion, windows))
}

/** Only windows with traffic, from the first that began at `from` or later. */
async function trafficBetween(
  db: Db,
  environmentId: string,
  mappingIds: readonly string[],
  from: number,
  to: number,
  { resolution, client }: { readonly resolution: number; readonly client: string },
): Promise<EvidenceWindow[]> {
  const query = { environmentId, mappingIds, clients: [client], resolution, from, to }
  const points = await splitPoints(db, query)
  return [...Map.groupBy(points, ({ mappingId, at }) => `${at} ${mappingId}`).values()].flatMap((same) => {
    const at = same[0]?.at ?? 0
    return windowsOf(same, { resolution, from: at, to: at + resolution * 1_000 })
  })
}

/** Requests a second that a share divides, over the last day or since there are any. */
async function rateOf(db: Db, environmentId: string, mappingId: string, now: number): Promise<number> {
  const day = { mappingIds: [mappingId], clients: [''], resolution: 60, from: now - DAY_MS, to: now }
  const points = await splitPoints(db, { environmentId, ...day })
  const [first] = points
  if (first === undefined) return 0
  const requests = points.reduce((sum, { tally }) => sum + tally.requests, 0)
  return requests / (Math.max(MINUTE_MS, now - first.at) / 1_000)
}

function unknownMapping(): Problem {
  const errors = [{ path: 'mappingId', message: 'There is no such mapping here' }]
  return new Problem('invalid_reference', { detail: 'There is no such mapping in this environment', errors })
}
