import {
  fromAgentSchema,
  linkDeadAfterMs,
  maxFrameBytes,
  type FromAgent,
  type ToAgent,
} from '@crossfade/contracts/link'
import { every, type Clock } from '@crossfade/runtime/clock'
import { parseFrame, parseJson, RefusedJson } from '@crossfade/runtime/safe-json'
import { problemsOfText } from '../store/storable.ts'
import { closeCodes, textOf, type MessageData, type Socket } from './socket.ts'

/** One agent's WebSocket as parsed frames. Whatever a stranger sends ends this link and no other. */
export interface LinkSocket {
  send(frame: ToAgent): void
  /** A frame serialised already, for snapshots that many agents get. */
  sendText(text: string): void
  end(code: number, reason: string): void
}

export interface LinkEvents {
  onFrame(frame: FromAgent): void
  /** Exactly once, whoever ended it. */
  onEnd(reason: string): void
}

const checkEveryMs = 5_000
/** In that time. An agent says a few each second, and after an outage some hundred batches at once. */
const mostFrames = 5_000
/** Bytes that wait for one who does not read: a whole snapshot, and what is said beside it. */
const mostUnread = maxFrameBytes.toAgent + 1024 * 1024
/** How long an ended link may take to close politely. */
const closeWithinMs = 2_000

export function openLinkSocket(socket: Socket, clock: Clock, events: LinkEvents): LinkSocket {
  let lastFrameAt = clock.monotonic()
  let frames = 0
  let ended = false

  const finish = (reason: string) => {
    if (ended) return
    ended = true
    stopChecking()
    events.onEnd(reason)
  }
  const end = (code: number, reason: string) => {
    if (ended) return
    finish(reason)
    socket.close(code, reason)
    terminateSoon()
  }
  const terminateSoon = () => {
    const cancel = clock.after(closeWithinMs, () => socket.terminate())
    socket.on('close', cancel)
  }
  const stopChecking = every(
    clock,
    checkEveryMs,
    () => {
      frames = 0
      if (clock.monotonic() - lastFrameAt < linkDeadAfterMs) return
      finish('silent')
      socket.terminate()
    },
    () => {},
  )

  socket.on('message', (data, isBinary) => {
    if (ended) return
    lastFrameAt = clock.monotonic()
    if (++frames > mostFrames) return end(closeCodes.policy, 'Too many frames')
    const read = readFrame(data, isBinary)
    if (read.ok) events.onFrame(read.frame)
    else end(read.code, read.reason)
  })
  socket.on('close', () => finish('closed'))
  // `ws` says why with a close frame of its own (1009 for an oversized frame): give it time to leave.
  socket.on('error', () => {
    finish('broken')
    terminateSoon()
  })

  const sendText = (text: string) => {
    if (ended) return
    if (socket.bufferedAmount > mostUnread) {
      finish('does not read')
      return socket.terminate()
    }
    socket.send(text)
  }
  return { sendText, send: (frame) => sendText(JSON.stringify(frame)), end }
}

type Read =
  | { readonly ok: true; readonly frame: FromAgent }
  | { readonly ok: false; readonly code: number; readonly reason: string }

function readFrame(data: MessageData, isBinary: boolean): Read {
  if (isBinary) return { ok: false, code: closeCodes.policy, reason: 'Frames are text' }
  const text = textOf(data)
  if (text.length > maxFrameBytes.toControlPlane) {
    return { ok: false, code: closeCodes.tooBig, reason: 'The frame is too large' }
  }
  try {
    const parsed = fromAgentSchema.safeParse(parse(text))
    const [issue] = parsed.success ? problemsOf(parsed.data, text) : parsed.error.issues
    if (parsed.success && issue === undefined) return { ok: true, frame: parsed.data }
    return {
      ok: false,
      code: closeCodes.policy,
      reason: short(`${[issue?.path].flat().join('.')}: ${issue?.message}`),
    }
  } catch (error) {
    const reason = error instanceof RefusedJson ? error.message : 'The frame is not JSON'
    return { ok: false, code: closeCodes.policy, reason }
  }
}

/** Frames of numbers come by the thousand; the schema is all they need. */
function parse(text: string): unknown {
  return text.startsWith('{"type":"stats"') ? parseFrame(text) : parseJson(text)
}

/** Without an escape there can be no such text. */
function problemsOf(frame: FromAgent, text: string) {
  return text.includes('\\u') ? problemsOfText(frame) : []
}

/** A close reason has room for 123 bytes (RFC 6455 section 5.5). */
function short(reason: string): string {
  return reason.replace(/[^\x20-\x7e]/g, '?').slice(0, 120)
}
