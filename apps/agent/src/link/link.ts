import {
  heartbeatEveryMs,
  linkDeadAfterMs,
  toAgentSchema,
  type FromAgent,
  type ToAgent,
} from '@crossfade/contracts/link'
import { fullJitter } from '@crossfade/runtime/backoff'
import type { Clock } from '@crossfade/runtime/clock'
import type { Part } from '@crossfade/runtime/lifecycle'
import type { Logger } from '@crossfade/runtime/logger'
import { parseJson } from '@crossfade/runtime/safe-json'
import { closeCodes, type Dial, type LinkSocket, type SocketClosed } from './socket.ts'

export type LinkState =
  | { readonly kind: 'down'; readonly why: string }
  | { readonly kind: 'dialing' }
  | { readonly kind: 'greeting' }
  | { readonly kind: 'up'; readonly since: number }

/** What the rest of the agent says and does over the link. */
export interface LinkPeer {
  hello(): FromAgent
  heartbeat(): FromAgent
  /** False ends the link: the control plane is not the one we joined. */
  welcome(message: Extract<ToAgent, { type: 'welcome' }>): boolean
  /** The link is up from here on. */
  up(): void
  receive(message: ToAgent): void
}

export interface Link extends Part {
  state(): LinkState
  /** False, and nothing is sent, unless the link is up and keeps up. */
  send(message: FromAgent): boolean
}

export interface LinkParts {
  readonly dial: Dial
  readonly peer: LinkPeer
  readonly clock: Clock
  readonly random: () => number
  readonly logger: Logger
}

const backoff = { baseMs: 500, capMs: 30_000 } as const
/** Who is refused asks again, in case somebody repairs it, but not often. */
const refusedWaitMs = { least: 15_000, spread: 15_000 } as const
/** More unsent bytes than this: the other end does not keep up, and numbers wait. */
const mostBuffered = 8 * 1024 * 1024
const goodbyeMs = 1000

/**
 * Keeps a link to the control plane for as long as the agent lives (rule 29): dials, greets, beats, and comes
 * back with full jitter. Whatever the other end sends, this end only ever closes and dials again.
 */
export function createLink({ dial, peer, clock, random, logger }: LinkParts): Link {
  let state: LinkState = { kind: 'down', why: 'Not started' }
  let socket: LinkSocket | null = null
  /** Dials since a link last lived for a heartbeat: one that only greets is no success. */
  let attempt = 0
  let upAt = 0
  let stopped = true
  let cancelDial = () => {}
  let cancelBeat = () => {}
  let cancelDead = () => {}

  const write = (message: FromAgent) => socket?.send(JSON.stringify(message))

  const stayAlive = () => {
    cancelDead()
    cancelDead = clock.after(linkDeadAfterMs, () => {
      logger.warn('The control plane has gone silent')
      socket?.terminate()
    })
  }
  const beat = () => {
    write(peer.heartbeat())
    cancelBeat = clock.after(heartbeatEveryMs, beat)
  }
  /** Nothing more is believed from this socket, and it does not get long to say goodbye. */
  const hangUp = (why: string, code: number = closeCodes.policy) => {
    state = { kind: 'down', why }
    cancelBeat()
    cancelDead()
    const last = socket
    last?.close(code, why)
    cancelDead = clock.after(goodbyeMs, () => last?.terminate())
  }

  const onText = (text: string) => {
    if (state.kind === 'down') return
    stayAlive()
    const message = parseFrame(text)
    if (!message) return hangUp('A frame that is not understood')
    if (message.type === 'welcome') return onWelcome(message)
    if (state.kind !== 'up') return hangUp('A frame before the welcome')
    if (clock.monotonic() - upAt >= heartbeatEveryMs) attempt = 0
    try {
      peer.receive(message)
    } catch (error) {
      logger.error({ err: error, type: message.type }, 'A frame could not be handled')
      hangUp('A frame could not be handled')
    }
  }
  const onWelcome = (message: Extract<ToAgent, { type: 'welcome' }>) => {
    if (state.kind !== 'greeting') return hangUp('A second welcome')
    if (!peer.welcome(message))
      return hangUp('The control plane does not hold the key that was pinned when joining')
    state = { kind: 'up', since: clock.now() }
    upAt = clock.monotonic()
    logger.info({ agentId: message.agentId, environmentId: message.environmentId }, 'Linked')
    beat()
    peer.up()
  }
  const onClosed = ({ reason: why, isRefused }: SocketClosed) => {
    cancelBeat()
    cancelDead()
    socket = null
    state = { kind: 'down', why }
    if (stopped) return
    const wait = isRefused
      ? refusedWaitMs.least + random() * refusedWaitMs.spread
      : fullJitter(attempt++, backoff, random)
    if (isRefused)
      logger.error({ why, retryInMs: Math.round(wait) }, 'The control plane does not let this agent in')
    else
      logger.warn({ why, retryInMs: Math.round(wait) }, 'No link to the control plane; serving what is here')
    cancelDial = clock.after(wait, open)
  }
  const open = () => {
    state = { kind: 'dialing' }
    stayAlive()
    // A late event of a socket already given up must not touch its successor.
    let isOver = false
    const current = dial({
      onOpen() {
        if (isOver) return
        state = { kind: 'greeting' }
        write(peer.hello())
      },
      onText: (text) => {
        if (!isOver) onText(text)
      },
      onGarbage: (why) => {
        if (!isOver) hangUp(why)
      },
      onClosed(why) {
        if (isOver) return
        isOver = true
        onClosed(why)
      },
    })
    if (!isOver) socket = current
  }

  return {
    name: 'link',
    state: () => state,
    send(message) {
      if (state.kind !== 'up' || !socket || socket.bufferedAmount() > mostBuffered) return false
      write(message)
      return true
    },
    async start() {
      stopped = false
      open()
    },
    async stop() {
      stopped = true
      cancelDial()
      if (socket) hangUp('The agent stops', closeCodes.goingAway)
    },
  }
}

function parseFrame(text: string): ToAgent | null {
  try {
    return toAgentSchema.safeParse(parseJson(text)).data ?? null
  } catch {
    return null
  }
}
