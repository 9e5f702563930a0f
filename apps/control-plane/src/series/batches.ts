import { resolutions } from '@crossfade/contracts/api/series'
import type { SeriesSample, StatsBatch, StatsWindow } from '@crossfade/contracts/stats'
import { LatencySketch } from '@crossfade/core/sketch'
import { addTally } from '@crossfade/core/tally'
import type { PointKey, StoredPoint } from '../store/series.ts'

/** A batch of numbers on its way into the history. */
export interface PendingBatch {
  readonly agentId: string
  readonly environmentId: string
  readonly batch: StatsBatch
}

/** Windows further in the future than this are a broken clock, not numbers. */
const futureMs = 60_000
/** Kinds of clients are handed out every ten seconds: finer points of them would lie. */
export const clientSeconds = 10

/** One point of each resolution for everything the batches say; windows past a resolution's keeping are left out. */
export function pointsOf(batches: readonly PendingBatch[], now: number): StoredPoint[] {
  const points = new Map<string, MergedPoint>()
  for (const { environmentId, batch } of batches) {
    for (const window of batch.windows) {
      if (window.at > now + futureMs) continue
      for (const { seconds, keepSeconds } of resolutions) {
        const at = window.at - (window.at % (seconds * 1000))
        if (at <= now - keepSeconds * 1000) continue
        const place = { environmentId, resolution: seconds, at }
        for (const sample of window.samples) addSample(points, { ...place, client: '' }, sample)
        if (seconds >= clientSeconds) addClients(points, place, window)
      }
    }
  }
  return [...points.values()].map(({ key, tally, sketch }) => ({
    ...key,
    tally,
    sketch: sketch?.encode() ?? null,
  }))
}

interface MergedPoint {
  readonly key: PointKey
  tally: StoredPoint['tally']
  sketch: LatencySketch | null
}

type Place = Pick<PointKey, 'environmentId' | 'resolution' | 'at' | 'client'>

function addClients(points: Map<string, MergedPoint>, place: Omit<Place, 'client'>, window: StatsWindow) {
  for (const { client, ...sample } of window.clients ?? []) {
    addSample(points, { ...place, client }, { ...sample, via: 'split' })
  }
}

function addSample(points: Map<string, MergedPoint>, place: Place, sample: SeriesSample): void {
  const { mappingId, side, via, tally, sketch } = sample
  const key: PointKey = { ...place, mappingId: mappingId ?? '', side, via }
  const id = pointId(key)
  const point = points.get(id)
  const latencies = sketchOf(sketch)
  if (point === undefined) {
    points.set(id, { key, tally, sketch: latencies })
    return
  }
  point.tally = addTally(point.tally, tally)
  point.sketch = merged(point.sketch, latencies)
}

/** The same text for the same window of the same series. */
export function pointId(key: PointKey): string {
  const { environmentId, resolution, mappingId, side, via, at, client } = key
  return `${environmentId} ${resolution} ${mappingId} ${side} ${via} ${at} ${client}`
}

export function merged(a: LatencySketch | null, b: LatencySketch | null): LatencySketch | null {
  return a === null ? b : b === null ? a : a.merge(b)
}

/** A sketch that does not decode is an agent's mistake: its counts are kept, its latencies are not. */
export function sketchOf(text: string | null): LatencySketch | null {
  return text === null ? null : decoded(Buffer.from(text, 'base64'))
}

export function decoded(bytes: Uint8Array | null): LatencySketch | null {
  if (bytes === null) return null
  try {
    return LatencySketch.decode(bytes)
  } catch {
    return null
  }
}
