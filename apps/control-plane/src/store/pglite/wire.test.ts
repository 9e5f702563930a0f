import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createFramer, greeting, leavesTransactionOpen, type Frame } from './wire.ts'

function message(type: string, body: Uint8Array): Buffer {
  const head = Buffer.alloc(5)
  head.write(type, 0, 'latin1')
  head.writeInt32BE(body.length + 4, 1)
  return Buffer.concat([head, body])
}

const startup = Buffer.from([0, 0, 0, 8, 0, 3, 0, 0])
const part = fc.tuple(fc.constantFrom('P', 'B', 'D', 'E', 'C', 'd'), fc.uint8Array({ maxLength: 40 }))
const batch = fc.tuple(fc.array(part, { maxLength: 6 }), fc.constantFrom('S', 'Q'))

describe('the framing of the wire protocol', () => {
  it('cuts batches at Sync and Query only, however the bytes arrive', () => {
    const cuts = fc.array(fc.nat({ max: 30 }), { minLength: 1, maxLength: 60 })
    fc.assert(
      fc.property(fc.array(batch, { maxLength: 8 }), cuts, (batches, sizes) => {
        const sent = batches.map(([parts, end]) =>
          Buffer.concat([...parts.map(([type, body]) => message(type, body)), message(end, Buffer.of(0))]),
        )
        const stream = Buffer.concat([startup, ...sent, message('X', Buffer.alloc(0))])
        const frame = createFramer()
        const frames: Frame[] = []
        for (let at = 0, turn = 0; at < stream.length; turn++) {
          const size = (sizes[turn % sizes.length] ?? 0) + 1
          frames.push(...frame(stream.subarray(at, at + size)))
          at += size
        }
        expect(frames.map((one) => one.kind)).toEqual(['startup', ...sent.map(() => 'batch'), 'terminate'])
        const got = frames.flatMap((one) => (one.kind === 'batch' ? [Buffer.from(one.bytes)] : []))
        expect(got).toEqual(sent)
      }),
    )
  })

  it('sees whether an answer leaves a transaction open', () => {
    const ready = (status: string) => Buffer.concat([greeting('18'), message('Z', Buffer.from(status))])
    expect(['I', 'T', 'E'].map((status) => leavesTransactionOpen(ready(status)))).toEqual([false, true, true])
    expect(leavesTransactionOpen(Buffer.alloc(0))).toBe(false)
  })
})
