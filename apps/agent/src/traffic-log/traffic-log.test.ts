import { mkdtemp, readFile, rename, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createLogger } from '@crossfade/runtime/logger'
import { manualClock, type ManualClock } from '@crossfade/testkit/manual-clock'
import { anOutcome } from '../stats/an-outcome.ts'
import { aSeen } from './a-logged-request.ts'
import { createLineQueue } from './line-queue.ts'
import { fileOutput, type Output } from './output.ts'
import { createTrafficLog } from './traffic-log.ts'

const logger = createLogger('test', 'silent')
let folder = ''
let path = ''
let clock: ManualClock
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crossfade-log-'))
  path = join(folder, 'traffic.log')
  clock = manualClock(Date.UTC(2026, 0, 1))
})
afterEach(() => rm(folder, { recursive: true }))

/** Records calls instead of writing; appends end when the test says so. */
function heldOutput() {
  const appended: string[] = []
  const waiting: (() => void)[] = []
  const output: Output = {
    name: 'held',
    chunkBytes: 64,
    ready: async () => {},
    async append(bytes) {
      appended.push(bytes.toString())
      await new Promise<void>((resolve) => waiting.push(resolve))
    },
    close: async () => {},
  }
  return { output, appended, release: () => waiting.splice(0).forEach((go) => go()) }
}

describe('the traffic log', () => {
  const log = (sample = 1, random = () => 0.5) =>
    createTrafficLog({
      settings: { to: path, format: '$side $status $request_id', sample },
      agentName: 'edge-1',
      clock,
      random,
      logger,
    })

  it('writes one line for each mapped request and none for others', async () => {
    const traffic = log()
    await traffic.start()
    traffic.record(anOutcome({ side: 'new' }), aSeen())
    traffic.record(anOutcome({ mappingId: null }), aSeen({ mapping: null }))
    traffic.record(anOutcome({ mappingId: null }), null)
    traffic.record(anOutcome({ side: 'legacy', status: 503 }), aSeen())
    await traffic.stop()
    expect(await readFile(path, 'utf8')).toBe('new 200 req-1\nlegacy 503 req-1\n')
    expect(traffic.lines()).toEqual({ written: 2, dropped: 0 })
    expect(clock.pending()).toBe(0)
  })

  it('is not readable by everybody', async () => {
    const traffic = log()
    await traffic.start()
    await traffic.stop()
    expect((await stat(path)).mode & 0o007).toBe(0)
  })

  it('keeps the part that was asked for', async () => {
    const chances = [0.05, 0.2, 0.09, 0.1]
    const traffic = log(0.1, () => chances.shift() ?? 1)
    await traffic.start()
    for (let i = 0; i < 4; i++) traffic.record(anOutcome(), aSeen())
    await traffic.stop()
    expect(traffic.lines().written).toBe(2)
  })

  it('cannot start where it cannot write', async () => {
    path = join(folder, 'no', 'such', 'folder')
    await expect(log().start()).rejects.toThrow('ENOENT')
  })
})

describe('rotation', () => {
  const write = async (queue: ReturnType<typeof createLineQueue>, line: string) => {
    const before = queue.written()
    queue.add(line)
    clock.advance(1000)
    await expect.poll(() => queue.written()).toBe(before + 1)
  }

  it('goes on in a new file after the old one was moved away', async () => {
    const queue = createLineQueue({ output: fileOutput(path), clock, logger })
    await queue.open()
    await write(queue, 'one')
    await rename(path, `${path}.1`)
    await write(queue, 'two')
    await queue.close()
    expect(await readFile(`${path}.1`, 'utf8')).toBe('one\n')
    expect(await readFile(path, 'utf8')).toBe('two\n')
  })

  it('goes on in a new file at once when it is told to, and loses nothing', async () => {
    const queue = createLineQueue({ output: fileOutput(path), clock, logger })
    await queue.open()
    queue.add('one')
    await rename(path, `${path}.1`)
    queue.reopen()
    queue.add('two')
    await queue.close()
    const both = await readFile(path, 'utf8')
    expect(both).toBe('one\ntwo\n')
  })
})

describe('lines that come faster than they are written', () => {
  it('wait in bounded memory; what has no room is dropped and counted', async () => {
    const { output, release } = heldOutput()
    const queue = createLineQueue({ output, clock, logger })
    await queue.open()
    const line = 'x'.repeat(1024 * 1024 - 1)
    for (let i = 0; i < 6; i++) queue.add(line)
    expect(queue.dropped()).toBe(2)
    const closed = queue.close()
    const timer = setInterval(release, 1)
    await closed
    clearInterval(timer)
    expect(queue.written()).toBe(4)
  })

  it('are written in whole lines together, one write at a time', async () => {
    const { output, appended, release } = heldOutput()
    const queue = createLineQueue({ output, clock, logger })
    await queue.open()
    for (let i = 0; i < 5; i++) queue.add(`${i} ${'y'.repeat(27)}`)
    await clock.advanceAsync(200)
    await expect.poll(() => appended.length).toBe(1)
    expect(appended[0]?.split('\n')).toHaveLength(3)
    const timer = setInterval(release, 1)
    await queue.close()
    clearInterval(timer)
    expect(appended.join('').trimEnd().split('\n')).toHaveLength(5)
  })

  it('are counted as dropped when the disk refuses them, and writing goes on later', async () => {
    let isFull = true
    const output: Output = {
      name: 'full',
      chunkBytes: 1000,
      ready: async () => {},
      append: async () => {
        if (isFull) throw new Error('ENOSPC')
      },
      close: async () => {},
    }
    const queue = createLineQueue({ output, clock, logger })
    queue.add('one')
    await clock.advanceAsync(200)
    await expect.poll(() => queue.dropped()).toBe(1)
    isFull = false
    queue.add('two')
    await queue.close()
    expect([queue.written(), queue.dropped()]).toEqual([1, 1])
  })
})
