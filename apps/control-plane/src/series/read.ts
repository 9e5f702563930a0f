import { resolutions, type Resolution, type SeriesPoint } from '@crossfade/contracts/api/series'
import { Problem } from '@crossfade/contracts/problems'
import type { Side } from '@crossfade/core/model'
import { addTally } from '@crossfade/core/tally'
import type { Clock } from '@crossfade/runtime/clock'
import { busiestPaths } from '../store/paths.ts'
import { environmentOfMapping, pointsBetween, type StoredPoint } from '../store/series.ts'
import type { Store } from '../store/store.ts'
import { clientSeconds, decoded, merged } from './batches.ts'
import { hourMs } from './paths.ts'
import { pointOf } from './point.ts'
import type { SeriesReader } from './series-types.ts'

/** More points than any chart has pixels are not worth sending. */
const pointsShown = 1_500
/** A whole environment is summed from all its mappings, so fewer. */
const pointsSummed = 200
const pointsAllowed = 10_000
/** Up to so many mappings an overview has points of 10 s, beyond of a minute. */
const mappingsInDetail = 100

export function createSeriesReader(parts: {
  readonly store: Store
  readonly clock: Clock
  readonly mappingCount: (environmentId: string) => number
}): SeriesReader {
  const { store, clock } = parts

  return {
    async series(query) {
      const to = query.to ?? clock.now()
      const span = { from: query.from, to, now: clock.now() }
      if (span.from >= to) {
        throw new Problem('invalid_input', { errors: [{ path: 'from', message: 'Must be before "to"' }] })
      }
      const most = query.mappingId === undefined ? pointsSummed : pointsShown
      const resolution =
        query.resolution ?? finestFor(span, most, query.client === undefined ? 1 : clientSeconds)
      if ((to - span.from) / (resolution * 1000) > pointsAllowed) {
        throw new Problem('invalid_input', {
          errors: [{ path: 'resolution', message: `The span has more than ${pointsAllowed} such points` }],
        })
      }
      const from = floorTo(span.from, resolution)
      const points = await store.read(async (db) =>
        pointsBetween(db, {
          environmentId: await environmentFor(query, (id) => environmentOfMapping(db, id)),
          mappingId: query.mappingId ?? null,
          resolution,
          via: query.via,
          client: query.client ?? '',
          from,
          to,
        }),
      )
      return { resolution, from, to, ...sidesOf(points) }
    },
    async overview({ environmentId, minutes }) {
      const now = clock.now()
      const inDetail = minutes <= 15 && parts.mappingCount(environmentId) <= mappingsInDetail
      const resolution: Resolution = minutes > 24 * 60 ? 3600 : inDetail ? 10 : 60
      const from = floorTo(now - minutes * 60_000, resolution)
      const points = await store.read((db) =>
        pointsBetween(db, {
          environmentId,
          mappingId: null,
          resolution,
          via: 'split',
          client: '',
          from,
          to: now,
        }),
      )
      const byMapping = Map.groupBy(
        points.filter((point) => point.mappingId !== ''),
        (point) => point.mappingId,
      )
      const mappings = Object.fromEntries([...byMapping].map(([id, own]) => [id, sidesOf(own)]))
      return { at: now, resolution, mappings }
    },
    async clients({ mappingId, minutes }) {
      const to = clock.now()
      const resolution: Resolution = minutes <= 60 ? 10 : 60
      const from = floorTo(to - minutes * 60_000, resolution)
      const points = await store.read(async (db) => {
        const environmentId = await environmentOfMapping(db, mappingId)
        return pointsBetween(db, {
          environmentId,
          mappingId,
          resolution,
          via: 'split',
          client: null,
          from,
          to,
        })
      })
      const clients = [...Map.groupBy(points, ({ client }) => client)].map(([client, own]) => {
        const whole = sidesOf(own.map((point) => ({ ...point, at: from })))
        return { client, legacy: whole.legacy[0] ?? null, new: whole.new[0] ?? null }
      })
      const requests = (row: (typeof clients)[number]) =>
        (row.legacy?.requests ?? 0) + (row.new?.requests ?? 0)
      return { from, to, clients: clients.toSorted((a, b) => requests(b) - requests(a)).slice(0, 13) }
    },
    async paths({ environmentId, mappingId, hours, limit }) {
      const now = clock.now()
      const from = now - (now % hourMs) - (hours - 1) * hourMs
      return store.read(async (db) => {
        const environment = await environmentFor({ environmentId, mappingId }, (id) =>
          environmentOfMapping(db, id),
        )
        if (environment === null) return { from, paths: [], refused: [] }
        const query = { environmentId: environment, mappingId: mappingId ?? '', since: new Date(from), limit }
        const paths = await busiestPaths(db, { ...query, kind: 'served' })
        const refused = mappingId === undefined ? await busiestPaths(db, { ...query, kind: 'refused' }) : []
        return {
          from,
          paths: paths.map(({ sample: _none, ...path }) => pathView(path)),
          refused: refused.map(({ path: why, ...path }) => ({ ...pathView(path), why })),
        }
      })
    },
  }
}

/** The finest resolution still kept over the whole span that does not give too many points. */
export function finestFor(
  span: { readonly from: number; readonly to: number; readonly now: number },
  most: number,
  least = 1,
): Resolution {
  const fits = resolutions.find(
    ({ seconds, keepSeconds }) =>
      seconds >= least &&
      span.now - span.from <= keepSeconds * 1000 &&
      (span.to - span.from) / (seconds * 1000) <= most,
  )
  return fits?.seconds ?? 3600
}

async function environmentFor(
  query: { readonly environmentId?: string | undefined; readonly mappingId?: string | undefined },
  lookUp: (mappingId: string) => Promise<string | null>,
): Promise<string | null> {
  if (query.environmentId !== undefined) return query.environmentId
  return query.mappingId === undefined ? 'default' : lookUp(query.mappingId)
}

/** Points of several series over the same window become one. */
function sidesOf(points: readonly StoredPoint[]): { legacy: SeriesPoint[]; new: SeriesPoint[] } {
  const side = (which: Side) =>
    [
      ...Map.groupBy(
        points.filter((point) => point.side === which),
        (point) => point.at,
      ),
    ].map(([at, same]) =>
      pointOf(
        at,
        same.map((point) => point.tally).reduce(addTally),
        same.map((point) => decoded(point.sketch)).reduce(merged),
      ),
    )
  return { legacy: side('legacy'), new: side('new') }
}

function pathView<T extends { readonly lastSeenAt: Date }>(
  row: T,
): Omit<T, 'lastSeenAt'> & { lastSeenAt: string } {
  return { ...row, lastSeenAt: row.lastSeenAt.toISOString() }
}

function floorTo(at: number, resolution: number): number {
  return at - (at % (resolution * 1000))
}
