import { liveRequestSchema, type LiveEvent } from '@crossfade/contracts/live'
import { parseJson } from '@crossfade/runtime/safe-json'
import { closeCodes, textOf, type Socket } from '../link/socket.ts'

/** An event before its place in one viewer's sequence is known. */
export type Unnumbered = LiveEvent extends infer E ? (E extends LiveEvent ? Omit<E, 'n'> : never) : never

/** One dashboard's socket: numbers its events and never lets a slow reader grow without bound. */
export interface Viewer {
  readonly environmentId: string
  /** Held back until the hello. */
  send(event: Unnumbered): void
  hello(event: Unnumbered): void
  watching(): readonly string[]
  bye(reason: 'signed-out' | 'shutting-down'): void
}

/** A viewer this far behind misses numbers; this much further, it is cut off and reconnects. */
const skipNumbersBytes = 1_000_000
const cutOffBytes = 8_000_000
const requestBytes = 20_000

export function createViewer(
  socket: Socket,
  environmentId: string,
  events: { onWatch(): void; onEnd(): void },
): Viewer {
  let n = 0
  let greeted = false
  let ended = false
  let mappingIds: readonly string[] = []
  const heldBack: Unnumbered[] = []

  const end = () => {
    if (ended) return
    ended = true
    events.onEnd()
  }
  const write = (event: Unnumbered) => {
    if (ended || (event.type === 'numbers' && socket.bufferedAmount > skipNumbersBytes)) return
    if (socket.bufferedAmount > cutOffBytes) {
      socket.terminate()
      return end()
    }
    socket.send(JSON.stringify({ ...event, n: n++ }))
  }

  socket.on('close', end)
  socket.on('error', () => {
    socket.terminate()
    end()
  })
  socket.on('message', (data) => {
    const wanted = requestOf(textOf(data))
    if (wanted === null) return socket.close(closeCodes.policy, 'Not a live request')
    mappingIds = wanted
    events.onWatch()
  })

  return {
    environmentId,
    watching: () => mappingIds,
    send(event) {
      if (greeted) write(event)
      else heldBack.push(event)
    },
    hello(event) {
      greeted = true
      write(event)
      for (const held of heldBack.splice(0)) write(held)
    },
    bye(reason) {
      if (ended) return
      write({ type: 'bye', reason })
      socket.close(reason === 'signed-out' ? closeCodes.policy : closeCodes.goingAway, reason)
      end()
    },
  }
}

function requestOf(text: string): readonly string[] | null {
  if (text.length > requestBytes) return null
  try {
    return liveRequestSchema.parse(parseJson(text)).mappingIds
  } catch {
    return null
  }
}
