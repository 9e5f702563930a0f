import type { Running } from '@crossfade/contracts/link'
import type { Logger } from '@crossfade/runtime/logger'
import type { Publisher } from '../publish/published.ts'
import { beginEpoch } from '../store/fleet-epoch.ts'
import type { Store } from '../store/store.ts'

/** Notices a restored database: somebody knows our epoch with a revision it no longer has (rule 25). */
export interface Epochs {
  /** Looks at what an agent runs, and at the database before believing it. */
  check(environmentId: string, agentName: string, running: Running | null): Promise<void>
  /** The database is behind what this control plane itself published. */
  wentBack(environmentId: string, published: { epoch: string; revision: number }): void
}

export function createEpochs(parts: {
  readonly store: Store
  readonly publisher: Pick<Publisher, 'current' | 'newest'>
  readonly newId: () => string
  readonly logger: Logger
}): Epochs {
  const checking = new Set<string>()
  const author = {
    actor: { kind: 'system', id: 'epochs', name: 'Crossfade' },
    source: 'system',
    requestId: null,
  } as const

  /** Starts a new epoch naming the old one, unless the database is at `seen` after all. */
  const begin = async (
    environmentId: string,
    seen: { readonly epoch: string; readonly revision: number },
    seenOn: string,
  ): Promise<void> => {
    const epoch = parts.newId()
    const { value: begun } = await parts.store.change(author, environmentId, async (tx) => {
      const result = await beginEpoch(tx.db, { environmentId, ...seen }, epoch)
      if (result === null) return null
      await tx.revise()
      tx.record({
        act: 'environment.epoch',
        object: { kind: 'environment', id: environmentId, name: result.name },
        before: { epoch: seen.epoch, revision: result.revisionBefore },
        after: { epoch, previousEpoch: seen.epoch, seenRevision: seen.revision, seenOn },
        reason: 'A newer revision is in use than the database has: it was restored from a backup',
      })
      return result
    })
    if (begun === null) return
    parts.logger.error(
      { environmentId, seenOn, seen: seen.revision, had: begun.revisionBefore, epoch },
      'The database is older than what is in use (restored from a backup?): a new epoch begins',
    )
  }

  return {
    wentBack(environmentId, published) {
      begin(environmentId, published, 'this control plane').catch((error: unknown) => {
        parts.logger.warn({ err: error, environmentId }, 'A new epoch could not begin')
      })
    },
    async check(environmentId, agentName, running) {
      const current = parts.publisher.current(environmentId)
      if (running === null || !current || !isAhead(running, current.header)) return
      if (checking.has(environmentId)) return
      checking.add(environmentId)
      try {
        // Another replica may have published it: the database decides, not our memory.
        const newest = await parts.publisher.newest(environmentId)
        if (newest !== null && isAhead(running, newest.header)) await begin(environmentId, running, agentName)
      } finally {
        checking.delete(environmentId)
      }
    },
  }
}

function isAhead(running: Running, header: { readonly epoch: string; readonly revision: number }): boolean {
  return running.epoch === header.epoch && running.revision > header.revision
}
