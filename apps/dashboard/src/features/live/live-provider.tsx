import { useQueryClient } from '@tanstack/react-query'
import { createContext, use, useEffect, useMemo, useState, useSyncExternalStore, type ReactNode } from 'react'
import { useClock, useNow } from '../../shared/clock.tsx'
import { reloadAfterChange } from '../../shared/queries.ts'
import { openSocket } from './open-socket.ts'
import { createLiveStore, type LiveSocket, type LiveState, type LiveStore } from './store.ts'

const nothing: LiveState = { connection: { kind: 'connecting' }, view: null, heardAt: null, skewMs: 0 }
const LiveContext = createContext<LiveStore | null>(null)

/** One live feed for the whole screen. It also says which answers to read again after somebody's change. */
export function LiveProvider(props: {
  environmentId: string
  children: ReactNode
  open?: (path: string) => LiveSocket
}) {
  const clock = useClock()
  const client = useQueryClient()
  const openOne = props.open ?? openSocket
  const store = useMemo(
    () => createLiveStore({ environmentId: props.environmentId, clock, openSocket: openOne }),
    [props.environmentId, clock, openOne],
  )
  useEffect(() => {
    const forget = store.onEvent((event) => {
      if (event.type === 'change') void reloadAfterChange(client, event.change.object.kind)
      if (event.type === 'hello') void client.invalidateQueries({ stale: true })
      if (event.type === 'bye' && event.reason === 'signed-out')
        void client.invalidateQueries({ queryKey: ['session'] })
    })
    const close = store.open()
    return () => {
      forget()
      close()
    }
  }, [store, client])
  return <LiveContext value={store}>{props.children}</LiveContext>
}

/** A part of the live state. `select` must answer with something stable: a member, not a new object. */
export function useLive<T>(select: (state: LiveState) => T): T {
  const store = use(LiveContext)
  const read = () => select(store?.getState() ?? nothing)
  return useSyncExternalStore((listener) => store?.subscribe(listener) ?? (() => {}), read, read)
}

/** Asks for latency each second for these while the page shows them. */
export function useWatch(mappingId: string): void {
  const store = use(LiveContext)
  useEffect(() => store?.watch([mappingId]), [store, mappingId])
}

export function useRetryLive(): () => void {
  const store = use(LiveContext)
  return () => store?.retryNow()
}

export const staleAfterMs = 10_000

export type Freshness =
  | { readonly kind: 'fresh' }
  /** Nothing heard for a while; `seconds` since the last word, null when there never was one. */
  | { readonly kind: 'stale'; readonly seconds: number | null }
  | { readonly kind: 'offline'; readonly since: number }

/** How far what is on screen can be believed. */
export function useFreshness(): Freshness {
  const { connection, heardAt } = useLive((state) => state)
  const [since] = useState(useNow())
  const now = useNow(1000)
  if (connection.kind === 'offline') return { kind: 'offline', since: connection.since }
  const age = now - (heardAt ?? since)
  if (age <= staleAfterMs) return { kind: 'fresh' }
  return { kind: 'stale', seconds: heardAt === null ? null : Math.floor(age / 1000) }
}
