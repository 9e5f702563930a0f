import type { FromAgent } from '@crossfade/contracts/link'
import type { Clock } from '@crossfade/runtime/clock'
import type { Logger } from '@crossfade/runtime/logger'
import { openLinkSocket, type LinkSocket } from './link-socket.ts'
import type { Hello } from './live-agent.ts'
import { closeCodes, type Socket } from './socket.ts'

/** What a link becomes once its hello is accepted. */
export interface Greeted {
  onFrame(frame: FromAgent): void
  onEnd(reason: string): void
}

const helloWithinMs = 10_000
/** An agent says nothing between its hello and the welcome; what waits is held in memory. */
const mostEarly = 16

/**
 * A hello first, once and in time; frames that come while it is being looked at wait. `greet` answers null when
 * it ended the link itself, and rejects when the agent cannot be enrolled now.
 */
export function shakeHands(
  socket: Socket,
  parts: { readonly clock: Clock; readonly logger: Logger },
  greet: (link: LinkSocket, hello: Hello) => Promise<Greeted | null>,
): void {
  const early: FromAgent[] = []
  let greeted: Greeted | null = null
  let saidHello = false
  let endedBy: string | null = null

  const link = openLinkSocket(socket, parts.clock, {
    onFrame(frame) {
      if (greeted) return greeted.onFrame(frame)
      if (saidHello) {
        if (early.push(frame) > mostEarly) link.end(closeCodes.policy, 'Too many frames before the welcome')
        return
      }
      if (frame.type !== 'hello') return link.end(closeCodes.policy, 'Say hello first')
      saidHello = true
      stopWaiting()
      begin(frame).catch((error: unknown) => {
        parts.logger.warn({ err: error, agent: frame.name }, 'An agent could not be enrolled')
        link.end(closeCodes.tryLater, 'The control plane cannot enrol agents now')
      })
    },
    onEnd(reason) {
      stopWaiting()
      early.length = 0
      endedBy = reason
      greeted?.onEnd(reason)
    },
  })
  const stopWaiting = parts.clock.after(helloWithinMs, () => link.end(closeCodes.policy, 'No hello'))

  const begin = async (hello: Hello) => {
    greeted = await greet(link, hello)
    if (endedBy !== null) return greeted?.onEnd(endedBy)
    for (const frame of early.splice(0)) if (endedBy === null) greeted?.onFrame(frame)
  }
}
