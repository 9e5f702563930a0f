import type { Part } from '@crossfade/runtime/lifecycle'
import { every, type Clock } from '@crossfade/runtime/clock'
import type { Logger } from '@crossfade/runtime/logger'
import type { Hub } from '../link/hub-types.ts'
import { liveTargets } from '../store/ramps.ts'
import type { Store } from '../store/store.ts'

const EVERY_MS = 5_000

/**
 * Has this control plane's agents report the latency of ramping mappings each second, also at 100 %. Every control
 * plane does it for its own agents, whoever runs the ramps.
 */
export function watchRamps(parts: {
  readonly store: Store
  readonly hub: Pick<Hub, 'watch'>
  readonly clock: Clock
  readonly logger: Logger
}): Part {
  let told = new Map<string, readonly string[]>()
  let stop = () => {}

  const look = async () => {
    const targets = await parts.store.read(liveTargets)
    const now = new Map(
      [...Map.groupBy(targets, ({ environmentId }) => environmentId)].map(([id, some]) => [
        id,
        some.flatMap(({ mappingIds }) => mappingIds).toSorted(),
      ]),
    )
    for (const environmentId of new Set([...told.keys(), ...now.keys()])) {
      const ids = now.get(environmentId) ?? []
      if (String(told.get(environmentId) ?? []) !== String(ids)) parts.hub.watch(environmentId, ids, 'ramps')
    }
    told = now
  }

  return {
    name: 'watched ramps',
    async start() {
      stop = every(parts.clock, EVERY_MS, look, (error) =>
        parts.logger.debug({ err: error }, 'Ramping mappings could not be read'),
      )
    },
    stop: async () => stop(),
  }
}
