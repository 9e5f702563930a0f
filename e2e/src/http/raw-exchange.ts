import { connect, type Socket } from 'node:net'
import { readAnswers, type Reading } from './answers.ts'

/** What a scripted client does, one after the other: bytes (latin1), a pause in ms, a half-close. */
export type Step = string | { readonly pause: number } | { readonly fin: true } | { readonly abort: true }

export interface Heard extends Reading {
  readonly text: string
  /** The agent ended or broke the connection. */
  readonly closed: boolean
  readonly reset: boolean
  /** From the first byte sent to the last event, in ms. */
  readonly tookMs: number
}

export interface ScriptLimits {
  /** Done once this many final answers are there (and the connection has been still for a moment), or it closed. */
  readonly answers: number
  /** Wait for the end of the connection, not only for the answers. */
  readonly close: boolean
  readonly withinMs: number
}

const STILL_MS = 60

/** Plays a script against a port and listens until what is expected has come, or time is up. */
export async function playScript(
  port: number,
  script: readonly Step[],
  limits: ScriptLimits,
): Promise<Heard> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true })
  const started = performance.now()
  const heard = listenTo(socket)
  for (const step of script) {
    if (heard.isOver()) break
    if (typeof step === 'string') await written(socket, step)
    else if ('pause' in step) await sleep(step.pause)
    else if ('fin' in step) socket.end()
    else socket.destroy()
  }

  const methods = methodsOf(script)
  const deadline = started + limits.withinMs
  const enough = () => {
    if (limits.close) return heard.isOver()
    const { answers } = readAnswers(heard.text(), methods, heard.isOver())
    return answers.filter(({ complete }) => complete).length >= limits.answers
  }
  while (!heard.isOver() && performance.now() < deadline) {
    if (enough() && heard.stillFor() >= STILL_MS) break
    await sleep(5)
  }
  const closed = heard.isOver()
  const tookMs = heard.lastAt() - started
  socket.destroy()
  const text = heard.text()
  return { ...readAnswers(text, methods, closed), text, closed, reset: heard.wasReset(), tookMs }
}

function listenTo(socket: Socket) {
  const chunks: Buffer[] = []
  let last = performance.now()
  let over = false
  let reset = false
  const end = () => {
    if (!over) last = performance.now()
    over = true
  }
  socket.on('data', (chunk) => {
    chunks.push(chunk)
    last = performance.now()
  })
  socket.on('error', (error: NodeJS.ErrnoException) => {
    reset ||= error.code === 'ECONNRESET'
  })
  socket.on('end', end)
  socket.on('close', end)
  return {
    text: () => Buffer.concat(chunks).toString('latin1'),
    isOver: () => over,
    wasReset: () => reset,
    lastAt: () => last,
    stillFor: () => performance.now() - last,
  }
}

/** A write that the other side does not read must not hold up the script for ever. */
function written(socket: Socket, latin1: string): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, 500)
    socket.write(Buffer.from(latin1, 'latin1'), () => {
      clearTimeout(timer)
      resolve()
    })
  })
}

/** Enough of the requests' methods to read answers without bodies. */
function methodsOf(script: readonly Step[]): string[] {
  const text = script.filter((step) => typeof step === 'string').join('')
  return [...text.matchAll(/(?:^|\r\n\r\n)([A-Z]+) \S+ HTTP\/1/g)].map((match) => match[1] ?? '')
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
