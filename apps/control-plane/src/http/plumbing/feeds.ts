import { every, type Clock } from '@crossfade/runtime/clock'
import type { Logger } from '@crossfade/runtime/logger'
import type { People } from '../../people/people.ts'
import type { Ended, Principal } from '../../people/principal.ts'

/** Live feeds must not outlive the right to see them. */
export interface Feeds {
  /** For `LiveFeed.accept`: calls `end` once `principal` is signed out, disabled, expired or revoked. */
  until(principal: Principal, stillThere: () => Promise<boolean>): (end: () => void) => () => void
  stop(): void
}

/** What ends on this replica is told at once; what ends elsewhere, or by time, is seen within this. */
const checkEveryMs = 15_000

interface Feed {
  readonly principal: Principal
  readonly stillThere: () => Promise<boolean>
  readonly end: () => void
}

export function createFeeds(people: People, clock: Clock, logger: Logger): Feeds {
  const feeds = new Set<Feed>()
  const endIf = (feed: Feed, over: boolean) => {
    if (over && feeds.delete(feed)) feed.end()
  }
  const stopListening = people.onEnded((ended) => {
    for (const feed of feeds) endIf(feed, rests(feed.principal, ended))
  })
  const stopChecking = every(
    clock,
    checkEveryMs,
    async () => {
      for (const feed of feeds) endIf(feed, !(await feed.stillThere()))
    },
    (error) => logger.warn({ err: error }, 'The rights of live feeds could not be checked'),
  )
  return {
    until: (principal, stillThere) => (end) => {
      const feed = { principal, stillThere, end }
      feeds.add(feed)
      return () => feeds.delete(feed)
    },
    stop() {
      stopListening()
      stopChecking()
    },
  }
}

function rests(principal: Principal, ended: Ended): boolean {
  switch (ended.kind) {
    case 'session':
      return principal.sessionId === ended.id
    case 'user':
    case 'token':
      return principal.kind === ended.kind && principal.id === ended.id
    case 'agent-token':
      return false
  }
}
