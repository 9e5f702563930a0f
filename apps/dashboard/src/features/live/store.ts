import { liveEventSchema, livePath } from '@crossfade/contracts/live'
import type { LiveEvent } from '@crossfade/contracts/live'
import type { Clock } from '@crossfade/runtime/clock'
import { z } from 'zod'
import { apply, type LiveView, type UnknownEvent } from './fold.ts'

export type Connection =
  /** The first try. */
  | { readonly kind: 'connecting' }
  | { readonly kind: 'live' }
  /** Lost; the next try begins at `retryAt` (ms, our clock). */
  | { readonly kind: 'reconnecting'; readonly since: number; readonly retryAt: number }
  /** Several tries failed. */
  | { readonly kind: 'offline'; readonly since: number; readonly retryAt: number }

export interface LiveState {
  readonly connection: Connection
  readonly view: LiveView | null
  /** When the feed last said anything, ms in our clock; null before the first word. */
  readonly heardAt: number | null
  /** Server clock minus ours, ms. */
  readonly skewMs: number
}

/** The part of partysocket's socket this needs. */
export interface LiveSocket {
  readonly retryCount: number
  send(text: string): void
  reconnect(): void
  close(): void
  addEventListener(type: 'open' | 'close', listener: () => void): void
  addEventListener(type: 'message', listener: (event: MessageEvent) => void): void
}

export const retryDelays = {
  minReconnectionDelay: 1_000,
  maxReconnectionDelay: 15_000,
  reconnectionDelayGrowFactor: 1.6,
}
const offlineAfterTries = 3

export interface LiveStore {
  /** Connects; the answer closes the connection again. */
  open(): () => void
  getState(): LiveState
  subscribe(listener: () => void): () => void
  onEvent(listener: (event: LiveEvent) => void): () => void
  /** Mappings looked at closely; said again after every reconnect. */
  watch(mappingIds: readonly string[]): () => void
  retryNow(): void
}

/** Holds the fold over one environment's live feed and says how the connection is. */
export function createLiveStore(parts: {
  environmentId: string
  clock: Clock
  openSocket: (path: string) => LiveSocket
}): LiveStore {
  const { clock } = parts
  let state: LiveState = { connection: { kind: 'connecting' }, view: null, heardAt: null, skewMs: 0 }
  const listeners = new Set<() => void>()
  const eventListeners = new Set<(event: LiveEvent) => void>()
  const watched: (readonly string[])[] = []
  let socket: LiveSocket | null = null
  let isOpen = false

  const set = (next: Partial<LiveState>) => {
    state = { ...state, ...next }
    for (const listener of listeners) listener()
  }
  const sayWatched = () => {
    if (isOpen) socket?.send(JSON.stringify({ type: 'watch', mappingIds: [...new Set(watched.flat())] }))
  }
  const receive = (text: string) => {
    const event = parseEvent(text)
    if (event === null) return
    const view = apply(state.view, event)
    if (view === 'gap') return socket?.reconnect()
    const heardAt = clock.now()
    set({
      view,
      heardAt,
      connection: { kind: 'live' },
      ...(event.type === 'hello' && { skewMs: event.now - heardAt }),
    })
    if (event.type !== 'unknown') for (const listener of eventListeners) listener(event)
  }
  const open = () => {
    const opened = parts.openSocket(`${livePath}?environmentId=${encodeURIComponent(parts.environmentId)}`)
    socket = opened
    opened.addEventListener('open', () => {
      isOpen = true
      if (watched.length > 0) sayWatched()
    })
    opened.addEventListener('message', (event) => {
      if (socket === opened) receive(String(event.data))
    })
    opened.addEventListener('close', () => {
      if (socket !== opened) return
      isOpen = false
      set({ connection: lost(state.connection, clock.now(), opened.retryCount) })
    })
    return () => {
      if (socket === opened) socket = null
      isOpen = false
      opened.close()
    }
  }

  return {
    open,
    getState: () => state,
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    onEvent: (listener) => {
      eventListeners.add(listener)
      return () => eventListeners.delete(listener)
    },
    watch: (mappingIds) => {
      watched.push(mappingIds)
      sayWatched()
      return () => {
        watched.splice(watched.indexOf(mappingIds), 1)
        sayWatched()
      }
    },
    retryNow: () => socket?.reconnect(),
  }
}

function lost(before: Connection, now: number, tries: number): Connection {
  const since = 'since' in before ? before.since : now
  const {
    minReconnectionDelay: first,
    maxReconnectionDelay: cap,
    reconnectionDelayGrowFactor: grow,
  } = retryDelays
  const retryAt = now + Math.min(cap, first * grow ** tries)
  return { kind: tries + 1 >= offlineAfterTries ? 'offline' : 'reconnecting', since, retryAt }
}

const numberedSchema = z.object({ n: z.int() })

/** Null for a frame that is not even numbered. */
function parseEvent(text: string): LiveEvent | UnknownEvent | null {
  try {
    const content: unknown = JSON.parse(text)
    const known = liveEventSchema.safeParse(content)
    if (known.success) return known.data
    const numbered = numberedSchema.safeParse(content)
    return numbered.success ? { type: 'unknown', n: numbered.data.n } : null
  } catch {
    return null
  }
}
