import type { AgentView } from '@crossfade/contracts/api/agents'
import type { Change } from '@crossfade/contracts/api/changes'
import { percentOfShare } from '@crossfade/contracts/percent'
import { every, type Clock } from '@crossfade/runtime/clock'
import type { Logger } from '@crossfade/runtime/logger'
import type { Fleet } from '../link/fleet-types.ts'
import type { Convergence, Hub } from '../link/hub-types.ts'
import { closeCodes, type Socket } from '../link/socket.ts'
import type { Published, Publisher } from '../publish/published.ts'
import type { RecentSeconds } from '../series/recent-seconds.ts'
import type { MappingShare } from '../store/fleet-shares.ts'
import { createChangeFollower, type ChangeFollower, type ShareView } from './change-follower.ts'
import type { LiveFeed } from './live-types.ts'
import { createViewer, type Unnumbered, type Viewer } from './viewer.ts'

export interface LiveFeedParts {
  readonly publisher: Pick<Publisher, 'current' | 'newest' | 'onPublished'>
  readonly fleet: Pick<Fleet, 'views' | 'onView'>
  readonly hub: Pick<Hub, 'onConvergence' | 'watch' | 'converged'>
  readonly recent: RecentSeconds
  /** Newest first. */
  readonly changes: (environmentId: string, limit: number) => Promise<readonly Change[]>
  readonly shares: (environmentId: string) => Promise<readonly MappingShare[]>
  readonly version: string
  readonly clock: Clock
  readonly logger: Logger
}

export interface RunningLiveFeed extends LiveFeed {
  start(): void
  stop(): void
}

/** What happens often is told at most this often: agents' states, convergence. */
const gatherMs = 100
/** Changes that make no revision (tokens, emergencies) are looked for this often. */
const lookEveryMs = 2_000
/** The newest second that every agent with a working link has reported. */
const numbersLagMs = 2_000

/** Tells dashboards what is saved, what agents run and what the last second brought. */
export function createLiveFeed(parts: LiveFeedParts): RunningLiveFeed {
  const { publisher, fleet, hub, clock, logger } = parts
  const viewers = new Set<Viewer>()
  const followers = new Map<string, ChangeFollower>()
  const watched = new Map<string, string>()
  const agents = new Map<string, AgentView>()
  const convergences = new Map<string, Convergence>()
  const stops: (() => void)[] = []
  let gathering: (() => void) | null = null

  const watchedEnvironments = () => new Set([...viewers].map((viewer) => viewer.environmentId))
  const tell = (environmentId: string, event: Unnumbered) => {
    for (const viewer of viewers) if (viewer.environmentId === environmentId) viewer.send(event)
  }

  const followerOf = (environmentId: string): ChangeFollower => {
    const known = followers.get(environmentId)
    if (known) return known
    const follower = createChangeFollower({
      changes: (limit) => parts.changes(environmentId, limit),
      shares: () => parts.shares(environmentId),
      revision: () => publisher.current(environmentId)?.header.revision ?? 0,
    })
    followers.set(environmentId, follower)
    return follower
  }

  const lookForChanges = async (environmentId: string) => {
    try {
      for (const event of await followerOf(environmentId).news()) tell(environmentId, event)
    } catch (error) {
      logger.debug({ err: error }, 'Changes could not be read for the live feed')
    }
  }

  const gather = () => {
    gathering ??= clock.after(gatherMs, () => {
      gathering = null
      for (const agent of agents.values()) tell(agent.environmentId, { type: 'agent', agent })
      for (const { environmentId, waitingFor, ...rest } of convergences.values()) {
        tell(environmentId, { type: 'convergence', ...rest, waitingFor: [...waitingFor] })
      }
      agents.clear()
      convergences.clear()
    })
  }

  const tellNumbers = () => {
    const at = Math.floor(clock.now() / 1000) * 1000 - numbersLagMs
    for (const environmentId of watchedEnvironments()) {
      tell(environmentId, { type: 'numbers', at, mappings: parts.recent.second(environmentId, at) })
    }
  }

  const updateWatch = (environmentId: string) => {
    const here = [...viewers].filter((viewer) => viewer.environmentId === environmentId)
    const mappingIds = [...new Set(here.flatMap((viewer) => viewer.watching()))].toSorted()
    const text = mappingIds.join()
    if ((watched.get(environmentId) ?? '') === text) return
    watched.set(environmentId, text)
    hub.watch(environmentId, mappingIds, 'screens')
  }

  /** With the database away the snapshot in memory still knows the shares, though not their versions. */
  const sharesFor = async (published: Published): Promise<readonly ShareView[]> => {
    try {
      return await followerOf(published.environmentId).shares()
    } catch {
      return sharesOf(published)
    }
  }

  const greet = async (viewer: Viewer) => {
    const { environmentId } = viewer
    const published = publisher.current(environmentId) ?? (await publisher.newest(environmentId))
    if (published === null) throw new Error('There is no such environment')
    const shares = await sharesFor(published)
    const views = await fleet.views([environmentId])
    const { epoch, revision } = (publisher.current(environmentId) ?? published).header
    viewer.hello({
      type: 'hello',
      now: clock.now(),
      version: parts.version,
      environmentId,
      epoch,
      revision,
      shares: [...shares],
      agents: views,
    })
    const { waitingFor, environmentId: _id, ...rest } = hub.converged(environmentId, revision)
    viewer.send({ type: 'convergence', ...rest, waitingFor: [...waitingFor] })
  }

  const accept = (socket: Socket, options: Parameters<LiveFeed['accept']>[1]) => {
    const { environmentId } = options
    const viewer = createViewer(socket, environmentId, {
      onWatch: () => updateWatch(environmentId),
      onEnd() {
        viewers.delete(viewer)
        unregister?.()
        updateWatch(environmentId)
        if (!watchedEnvironments().has(environmentId)) followers.delete(environmentId)
      },
    })
    const unregister = options.until?.(() => viewer.bye('signed-out'))
    viewers.add(viewer)
    greet(viewer).catch((error: unknown) => {
      logger.warn({ err: error, environmentId }, 'A live feed could not begin')
      socket.close(closeCodes.tryLater, 'The feed cannot begin now')
    })
  }

  return {
    accept,
    start() {
      stops.push(
        publisher.onPublished(({ environmentId }) => {
          if (watchedEnvironments().has(environmentId)) void lookForChanges(environmentId)
        }),
        fleet.onView((view) => {
          agents.set(view.id, view)
          gather()
        }),
        hub.onConvergence((convergence) => {
          convergences.set(`${convergence.environmentId}/${convergence.revision}`, convergence)
          gather()
        }),
        every(
          clock,
          lookEveryMs,
          async () => {
            for (const environmentId of watchedEnvironments()) await lookForChanges(environmentId)
          },
          () => {},
        ),
        every(clock, 1_000, tellNumbers, (error) => logger.error({ err: error })),
      )
    },
    stop() {
      for (const stop of stops) stop()
      gathering?.()
      for (const viewer of viewers) viewer.bye('shutting-down')
    },
  }
}

/** Shares as a snapshot has them; a member's is its group's. */
export function sharesOf({ snapshot }: Published): ShareView[] {
  const groups = new Map(snapshot.groups.map((group) => [group.id, group.split.share]))
  return snapshot.mappings.map(({ id, split }) => ({
    mappingId: id,
    percent: percentOfShare('share' in split ? split.share : (groups.get(split.groupId) ?? 0)),
    shareVersion: 0,
  }))
}
