import type { Change } from '@crossfade/contracts/api/changes'
import { percentOfShare } from '@crossfade/contracts/percent'
import type { MappingShare } from '../store/fleet-shares.ts'
import type { Unnumbered } from './viewer.ts'

export interface ShareView {
  readonly mappingId: string
  readonly percent: number
  readonly shareVersion: number
}

/** Follows what is saved in one environment: each change once, in order, with the shares it moved. */
export interface ChangeFollower {
  /** Shares as last read; reads them the first time. */
  shares(): Promise<readonly ShareView[]>
  /** What was saved since the last time. */
  news(): Promise<Unnumbered[]>
}

/** More than this many changes between two looks, and the oldest of them are left to the audit page. */
export const changesAtOnce = 100

export function createChangeFollower(read: {
  /** Newest first. */
  readonly changes: (limit: number) => Promise<readonly Change[]>
  readonly shares: () => Promise<readonly MappingShare[]>
  readonly revision: () => number
}): ChangeFollower {
  let seen: number | null = null
  let known: readonly ShareView[] | null = null
  let queue: Promise<unknown> = Promise.resolve()

  /** One look at a time, or two would tell the same change. */
  const inTurn = <T>(job: () => Promise<T>): Promise<T> => {
    const mine = queue.catch(() => {}).then(job)
    queue = mine
    return mine
  }

  const begin = async () => {
    if (seen !== null) return
    const [newest] = await read.changes(1)
    known = viewsOf(await read.shares())
    seen = newest?.seq ?? 0
  }

  return {
    shares: () =>
      inTurn(async () => {
        await begin()
        return known ?? []
      }),
    news: () =>
      inTurn(async () => {
        await begin()
        const since = seen ?? 0
        const changes = (await read.changes(changesAtOnce)).filter(({ seq }) => seq > since).toReversed()
        if (changes.length === 0) return []
        const now = viewsOf(await read.shares())
        const moved = movedShares(known ?? [], now)
        known = now
        seen = changes.at(-1)?.seq ?? since
        return changes.map((change, index) => ({
          type: 'change' as const,
          revision: change.revision ?? read.revision(),
          change,
          shares: index === changes.length - 1 ? moved : [],
        }))
      }),
  }
}

function viewsOf(shares: readonly MappingShare[]): ShareView[] {
  return shares.map(({ mappingId, share, shareVersion }) => ({
    mappingId,
    percent: percentOfShare(share),
    shareVersion,
  }))
}

export function movedShares(before: readonly ShareView[], now: readonly ShareView[]): ShareView[] {
  const old = new Map(before.map((share) => [share.mappingId, share]))
  return now.filter(({ mappingId, percent, shareVersion }) => {
    const was = old.get(mappingId)
    return was?.percent !== percent || was.shareVersion !== shareVersion
  })
}
