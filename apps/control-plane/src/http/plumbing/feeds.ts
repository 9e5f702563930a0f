import { every, type Clock } from '@crossfade/runtime/clock'
import type { Logger } from '@crossfade/runtime/logger'
import type { People } from '../../people/people.ts'
import type { Ended, Principal } from '../../people/principal.ts'
import { isAway } from '../../people/remembered.ts'

/** Live feeds must not outlive the right to see them. */
export interface Feeds {
  /** For `LiveFeed.accept`: calls `end` once `principal` is signed out, disabled, expired or revoked. */
  until(principal: Principal): (end: () => void) => () => void
  stop(): void
}

/** What ends on this replica is told at once; what ends elsewhere, or by time, is seen within this. */
const checkEveryMs = 3_000

interface Feed {
  readonly principal: Principal
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
      if (feeds.size === 0) return
      const asked = [...feeds]
      const { sessions, tokens } = await rightsOf(people, asked)
      for (const feed of asked) {
        const { sessionId, id } = feed.principal
        endIf(feed, sessionId === null ? !tokens.has(id) : !sessions.has(sessionId))
      }
    },
    // With the database away nobody can be told apart: who was let in before goes on watching.
    (error) => isAway(error) || logger.warn({ err: error }, 'The rights of live feeds could not be checked'),
  )
  return {
    until: (principal) => (end) => {
      const feed = { principal, end }
      feeds.add(feed)
      return () => feeds.delete(feed)
    },
    stop() {
      stopListening()
      stopChecking()
    },
  }
}

/** Two questions, however many watch. */
async function rightsOf(people: People, feeds: readonly Feed[]) {
  const principals = feeds.map((feed) => feed.principal)
  const [sessions, tokens] = await Promise.all([
    people.sessions.stillOpen(principals.flatMap(({ sessionId }) => sessionId ?? [])),
    people.apiTokens.stillLive(principals.flatMap(({ sessionId, id }) => (sessionId === null ? id : []))),
  ])
  return { sessions, tokens }
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
