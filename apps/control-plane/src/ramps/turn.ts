import type { EvidenceWindow } from '@crossfade/core/guardrail/evidence'
import {
  judgeableThrough,
  type AgentProgress,
  type Judgeable,
} from '@crossfade/core/guardrail/select-windows'
import type { RampInputs } from '@crossfade/core/ramp/model'
import { tick } from '@crossfade/core/ramp/tick'
import type { Clock } from '@crossfade/runtime/clock'
import { raiseBlocks, type RaiseBlocks } from '../acts/raises.ts'
import { commitRamp, LostRace, type RampOutcome } from '../acts/ramp-commit.ts'
import { nextRaise } from '../acts/ramp-inputs.ts'
import { holderOf } from '../acts/share-holder.ts'
import { systemAuthor } from '../store/author.ts'
import { saveRamp, type Judged, type StoredRamp } from '../store/ramps.ts'
import { splitPoints } from '../store/series.ts'
import type { TargetRow } from '../store/share-holders.ts'
import type { Store } from '../store/store.ts'
import { stretchOf, windowsOf } from './evidence.ts'
import { clientKey, judgedThrough, judgeRamp, type RampEvidence } from './judge-ramp.ts'

/** A ramp between two turns. Its clock and memory run ahead of what is stored. */
export interface RampEntry {
  ramp: StoredRamp
  savedAt: number
  /** The last two minutes; null before they were read. */
  lately: readonly EvidenceWindow[] | null
  readThrough: number
}

/** What all ramps look at in one turn. */
export interface Surroundings {
  readonly targets: ReadonlyMap<string, TargetRow>
  /** By environment. */
  readonly agents: ReadonlyMap<string, readonly AgentProgress[]>
}

export interface TurnParts {
  readonly store: Store
  readonly clock: Clock
}

const LATELY_MS = 120_000
/** How far clock and memory may run ahead: what another runner judges again. */
const SAVE_MS = 5_000
/** Kinds of clients are counted in windows of ten seconds. */
const CLIENT_SECONDS = 10

/** Judge, tick, commit: one ramp at one moment. Throws `LostRace` when somebody else wrote it meanwhile. */
export async function takeTurn(parts: TurnParts, entry: RampEntry, around: Surroundings): Promise<void> {
  const { ramp } = entry
  const target = around.targets.get(ramp.target.id)
  if (target === undefined) return
  const now = parts.clock.now()
  const judgeable = judgeableThrough(around.agents.get(ramp.environmentId) ?? [], now)
  const mappingIds = target.members.map(({ id }) => id)
  const evidence = await gather(parts, entry, mappingIds, judgeable, now)
  const { memory, judged } = judgeRamp(ramp, target.share, mappingIds, evidence, now)
  const next = nextRaise(ramp, target)
  const blocks = await parts.store.read((db) => raiseBlocks(db, ramp.environmentId, now, next))
  const ticked = tick(ramp.plan, ramp.state, inputsFor(target, judged, blocks), now)
  const outcome = { ...ticked, memory, judged }
  const isQuiet = ticked.acts.length === 0 && ticked.state.share === target.share
  if (!isQuiet) await commit(parts, entry, target, outcome, now)
  else if (ticked.state.version !== ramp.state.version || now - entry.savedAt >= SAVE_MS) {
    await save(parts, entry, outcome, now)
  } else entry.ramp = { ...ramp, state: ticked.state, memory, judged }
}

function inputsFor(target: TargetRow, judged: Judged, blocks: RaiseBlocks): RampInputs {
  return {
    judgements: judged.judgements,
    judgedAt: judged.at,
    requestsOnNew: judged.requestsOnNew,
    legacyIsWorse: judged.legacyIsWorse,
    shareInForce: target.share,
    ...blocks,
    pointOfNoReturn: target.members.length > 0 && target.members.every((one) => one.pointOfNoReturn),
    serviceVersion: null,
  }
}

async function gather(
  { store }: TurnParts,
  entry: RampEntry,
  mappingIds: readonly string[],
  judgeable: Judgeable,
  now: number,
): Promise<RampEvidence> {
  const { ramp } = entry
  const through = judgedThrough(ramp, mappingIds)
  const from = entry.lately === null ? Math.min(through, now - LATELY_MS) : through
  const stretch = stretchOf(from, judgeable.through, now)
  const windows = new Map<string, EvidenceWindow[]>()
  if (stretch !== null) {
    const { environmentId } = ramp
    const query = { environmentId, mappingIds, clients: [''], ...stretch }
    const points = Map.groupBy(await store.read((db) => splitPoints(db, query)), (one) => one.mappingId)
    for (const id of mappingIds) windows.set(id, windowsOf(points.get(id) ?? [], stretch))
  }
  remember(entry, [...windows.values()].flat(), now)
  return {
    windows,
    clients: await gatherClients(store, ramp, mappingIds, judgeable, now),
    lately: entry.lately ?? [],
    judgeable,
  }
}

function remember(entry: RampEntry, windows: readonly EvidenceWindow[], now: number): void {
  const isNew = ({ at }: EvidenceWindow) => at >= entry.readThrough
  const kept = [...(entry.lately ?? []), ...windows.filter(isNew)]
  entry.lately = kept.filter(({ at }) => at >= now - LATELY_MS)
  entry.readThrough = windows.reduce(
    (latest, { at, seconds }) => Math.max(latest, at + seconds * 1_000),
    entry.readThrough,
  )
}

async function gatherClients(
  store: Store,
  { guardrails, memory, state, environmentId }: StoredRamp,
  mappingIds: readonly string[],
  judgeable: Judgeable,
  now: number,
): Promise<Map<string, EvidenceWindow[]>> {
  const found = new Map<string, EvidenceWindow[]>()
  const ofClients = guardrails.filter(({ client }) => client !== null)
  if (ofClients.length === 0) return found
  const throughs = ofClients.flatMap(({ id }) =>
    mappingIds.map((mappingId) => memory.guardrails[`${id}/${mappingId}`]?.through ?? 0),
  )
  const from = Math.max(state.sampleSince, Math.min(...throughs))
  const stretch = stretchOf(from, judgeable.through, now, CLIENT_SECONDS)
  if (stretch === null) return found
  const clients = ofClients.flatMap(({ client }) => client ?? [])
  const query = { environmentId, mappingIds, clients, ...stretch }
  const points = await store.read((db) => splitPoints(db, query))
  for (const mappingId of mappingIds) {
    for (const client of clients) {
      const own = points.filter((point) => point.mappingId === mappingId && point.client === client)
      found.set(clientKey(mappingId, client), windowsOf(own, stretch))
    }
  }
  return found
}

async function commit(
  { store }: TurnParts,
  entry: RampEntry,
  target: TargetRow,
  outcome: RampOutcome,
  now: number,
): Promise<void> {
  const { ramp } = entry
  const { value } = await store.change(systemAuthor, ramp.environmentId, async (tx) => {
    const holder = await holderOf(tx.db, ramp.target.kind, ramp.target.id)
    if (holder.shareVersion !== target.shareVersion) throw new LostRace('The share moved in the meantime')
    return await commitRamp(tx, ramp, holder, outcome, now)
  })
  entry.ramp = value.ramp
  entry.savedAt = now
}

async function save(
  { store }: TurnParts,
  entry: RampEntry,
  { state, memory, judged }: Required<RampOutcome>,
  now: number,
): Promise<void> {
  const { ramp } = entry
  const run = { state, memory, judged, visits: ramp.visits }
  const isSaved = await store.transaction((db) => saveRamp(db, ramp, run))
  if (!isSaved) throw new LostRace('The ramp was written in the meantime')
  entry.ramp = { ...ramp, ...run, saves: ramp.saves + 1 }
  entry.savedAt = now
}
