import type { Clock } from '@crossfade/runtime/clock'
import type { Logger } from '@crossfade/runtime/logger'
import type { Output } from './output.ts'

export interface LineQueue {
  /** Never waits: what there is no room for is dropped and counted. */
  add(line: string): void
  /** Opens; rejects when that is not possible. */
  open(): Promise<void>
  /** Goes on in a new file of the same name. */
  reopen(): void
  /** Writes what is waiting and closes. */
  close(): Promise<void>
  written(): number
  dropped(): number
}

const writeEveryMs = 200
const lookEveryMs = 1000
/** Characters waiting to be written, at most: some ten thousand lines. */
const mostWaiting = 4 * 1024 * 1024

/** Lines on their way to an output, in order, one write at a time, in bounded memory. */
export function createLineQueue(parts: {
  readonly output: Output
  readonly clock: Clock
  readonly logger: Logger
}): LineQueue {
  const { output, clock, logger } = parts
  let waiting: string[] = []
  let size = 0
  let written = 0
  let dropped = 0
  let running: Promise<void> | null = null
  let cancel: (() => void) | null = null
  let lookedAt = -Infinity
  let mustReopen = false
  let isBroken = false

  const schedule = () => {
    if (cancel === null && running === null) cancel = clock.after(writeEveryMs, run)
  }
  const run = () => {
    cancel = null
    running = writeAll().finally(() => {
      running = null
      if (waiting.length > 0) schedule()
    })
  }
  const writeAll = async () => {
    const lines = waiting
    waiting = []
    size = 0
    try {
      await look()
      for (const chunk of chunksOf(lines, output.chunkBytes)) {
        await output.append(Buffer.from(chunk.text, 'utf8'))
        written += chunk.lines
      }
      isBroken = false
    } catch (error) {
      dropped += lines.length
      lookedAt = -Infinity
      if (!isBroken) logger.error({ err: error, log: output.name }, 'The traffic log cannot be written')
      isBroken = true
    }
  }
  const look = async () => {
    if (!mustReopen && clock.monotonic() - lookedAt < lookEveryMs) return
    const force = mustReopen
    mustReopen = false
    await output.ready(force)
    lookedAt = clock.monotonic()
  }

  return {
    add(line) {
      if (size + line.length > mostWaiting) {
        dropped++
        return
      }
      waiting.push(line)
      size += line.length + 1
      schedule()
    },
    open: look,
    reopen() {
      mustReopen = true
      schedule()
    },
    async close() {
      cancel?.()
      await running
      if (waiting.length > 0) await writeAll()
      await output.close()
    },
    written: () => written,
    dropped: () => dropped,
  }
}

/** Whole lines together, up to so many bytes (a longer line alone). */
function* chunksOf(
  lines: readonly string[],
  mostBytes: number,
): Generator<{ readonly text: string; readonly lines: number }> {
  let text = ''
  let bytes = 0
  let count = 0
  for (const line of lines) {
    const length = Buffer.byteLength(line) + 1
    if (count > 0 && bytes + length > mostBytes) {
      yield { text, lines: count }
      text = ''
      bytes = 0
      count = 0
    }
    text += `${line}\n`
    bytes += length
    count++
  }
  if (count > 0) yield { text, lines: count }
}
