import type { LiveEvent } from '@crossfade/contracts/live'
import type { LiveSocket } from '../features/live/store.ts'

type Distribute<T> = T extends unknown ? Omit<T, 'n'> : never

/** A feed that says what a test tells it to, numbered as the real one. */
export interface FakeSocket extends LiveSocket {
  say(event: Distribute<LiveEvent>): void
  /** Says something as it stands, with any number. */
  sayRaw(content: unknown): void
  drop(): void
  readonly sent: readonly string[]
  reconnects(): number
}

export function fakeSocket(): FakeSocket {
  const listeners = new Map<string, ((event: MessageEvent) => void)[]>()
  const tell = (type: string, data = '') => {
    for (const listener of listeners.get(type) ?? []) listener(new MessageEvent(type, { data }))
  }
  const sent: string[] = []
  let n = 0
  let reconnects = 0
  let retryCount = 0
  return {
    get retryCount() {
      return retryCount
    },
    sent,
    send: (text) => void sent.push(text),
    reconnect: () => {
      reconnects++
    },
    reconnects: () => reconnects,
    close: () => {},
    addEventListener: (type: string, listener: (event: MessageEvent) => void) => {
      listeners.set(type, [...(listeners.get(type) ?? []), listener])
    },
    say: (event) => {
      n++
      if (event.type === 'hello') tell('open')
      tell('message', JSON.stringify({ ...event, n }))
    },
    sayRaw: (content) => tell('message', JSON.stringify(content)),
    drop: () => {
      tell('close')
      retryCount++
    },
  }
}
