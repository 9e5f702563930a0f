import ReconnectingWebSocket from 'partysocket/ws'
import { retryDelays, type LiveSocket } from './store.ts'

/** The browser's WebSocket with reconnects, on the page's own origin. */
export function openSocket(path: string): LiveSocket {
  const origin = window.location.origin.replace(/^http/, 'ws')
  return new ReconnectingWebSocket(`${origin}${path}`, [], {
    ...retryDelays,
    connectionTimeout: 5_000,
    maxEnqueuedMessages: 0,
  })
}
