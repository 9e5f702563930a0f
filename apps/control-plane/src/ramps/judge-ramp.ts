import { errorBudget } from '@crossfade/core/guardrail/error-budget'
import type { EvidenceWindow } from '@crossfade/core/guardrail/evidence'
import { judge } from '@crossfade/core/guardrail/judge'
import { legacyIsWorse } from '@crossfade/core/guardrail/legacy-health'
import type { GuardrailMemory } from '@crossfade/core/guardrail/memory'
import type { Guardrail, Judgement } from '@crossfade/core/guardrail/model'
import { selectWindows, type Judgeable } from '@crossfade/core/guardrail/select-windows'
import type { Share } from '@crossfade/core/model'
import type { Judged, RampMemory, StoredRamp } from '../store/ramps.ts'

/** What a ramp is judged by in one turn. */
export interface RampEvidence {
  /** By mapping: windows after those judged before, in order. */
  readonly windows: ReadonlyMap<string, readonly EvidenceWindow[]>
  /** By mapping and kind of client, for guardrails of one kind. */
  readonly clients: ReadonlyMap<string, readonly EvidenceWindow[]>
  /** Of all mappings together, the last two minutes. */
  readonly lately: readonly EvidenceWindow[]
  readonly judgeable: Judgeable
}

/** Where judging goes on: everything before was judged, or was before the stage. */
export function judgedThrough(
  { memory, state, guardrails }: StoredRamp,
  mappingIds: readonly string[],
): number {
  const known = guardrails
    .filter(({ client }) => client === null)
    .flatMap(({ id }) => mappingIds.map((mappingId) => memory.guardrails[`${id}/${mappingId}`]?.through ?? 0))
  const sample = memory.sample?.since === state.sampleSince ? memory.sample.through : 0
  return Math.max(state.sampleSince, Math.min(...known, sample))
}

/** Every guardrail on every mapping of the target, with what it remembers afterwards (rules 15-17). */
export function judgeRamp(
  ramp: StoredRamp,
  share: Share,
  mappingIds: readonly string[],
  evidence: RampEvidence,
  now: number,
): { readonly memory: RampMemory; readonly judged: Judged } {
  const { guardrails, state } = ramp
  const { judgeable } = evidence
  const memories: Record<string, GuardrailMemory> = {}
  const judgements: Judgement[] = []
  const alpha = errorBudget(guardrails, mappingIds.length)
  for (const mappingId of mappingIds) {
    for (const guardrail of guardrails) {
      const before = ramp.memory.guardrails[`${guardrail.id}/${mappingId}`] ?? null
      const windows = selectWindows(
        windowsFor(guardrail, mappingId, evidence),
        before?.through ?? 0,
        judgeable,
      )
      const context = { now, mappingId, since: state.sampleSince, share, alpha, judgeable }
      const { memory, judgement } = judge(guardrail, before, windows, context)
      memories[judgement.key] = memory
      judgements.push(judgement)
    }
  }
  const sample = countSample(ramp, mappingIds, evidence)
  const requests = mappingIds.map((id) => sample.requests[id] ?? 0)
  return {
    memory: { guardrails: memories, sample },
    judged: {
      at: now,
      judgements,
      requestsOnNew: requests.length === 0 ? 0 : Math.min(...requests),
      legacyIsWorse: legacyIsWorse(evidence.lately, null),
    },
  }
}

function windowsFor(
  { client }: Guardrail,
  mappingId: string,
  { windows, clients }: RampEvidence,
): readonly EvidenceWindow[] {
  return (client === null ? windows.get(mappingId) : clients.get(clientKey(mappingId, client))) ?? []
}

export function clientKey(mappingId: string, client: string): string {
  return `${mappingId} ${client}`
}

function countSample(
  { memory, state }: StoredRamp,
  mappingIds: readonly string[],
  { windows, judgeable }: RampEvidence,
): NonNullable<RampMemory['sample']> {
  const since = state.sampleSince
  const before = memory.sample?.since === since ? memory.sample : { since, through: since, requests: {} }
  let { through } = before
  const requests: Record<string, number> = { ...before.requests }
  for (const mappingId of mappingIds) {
    const fresh = selectWindows(windows.get(mappingId) ?? [], before.through, judgeable)
    for (const window of fresh) {
      requests[mappingId] = (requests[mappingId] ?? 0) + window.new.tally.requests
      through = Math.max(through, window.at + window.seconds * 1_000)
    }
  }
  return { since, through, requests }
}
