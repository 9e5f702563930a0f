import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LatencySketch } from './sketch.ts'

const latencies = fc.array(fc.double({ min: 0.011, max: 1e7, noNaN: true }), { minLength: 1, maxLength: 200 })
const fractions = fc.constantFrom(0, 0.01, 0.25, 0.5, 0.9, 0.95, 0.99, 1)

describe('a latency sketch', () => {
  it('gives every quantile within 1 %', () => {
    fc.assert(
      fc.property(latencies, fractions, (list, p) => {
        const sorted = list.toSorted((a, b) => a - b)
        const exact = sorted[Math.floor(p * (sorted.length - 1))] ?? 0
        const given = sketchOf(list).quantile(p) ?? 0
        expect(Math.abs(given - exact) / exact).toBeLessThan(0.01)
      }),
    )
  })

  it('merges to the sketch of all latencies together', () => {
    fc.assert(
      fc.property(latencies, latencies, fractions, (a, b, p) => {
        const merged = sketchOf(a).merge(sketchOf(b))
        const together = sketchOf([...a, ...b])
        expect(merged.count).toBe(together.count)
        expect(merged.quantile(p)).toBe(together.quantile(p))
        expect(merged.encode()).toEqual(sketchOf(b).merge(sketchOf(a)).encode())
      }),
    )
  })

  it('comes back from its bytes', () => {
    fc.assert(
      fc.property(latencies, fractions, (list, p) => {
        const sketch = sketchOf(list)
        const back = LatencySketch.decode(sketch.encode())
        expect(back.encode()).toEqual(sketch.encode())
        expect(back.count).toBe(sketch.count)
        expect(back.sum).toBeCloseTo(sketch.sum, 2)
        expect((back.quantile(p) ?? 0) / (sketch.quantile(p) ?? 1)).toBeCloseTo(1, 1)
      }),
    )
  })

  it('has no quantiles without requests', () => {
    expect(new LatencySketch().quantile(0.5)).toBeNull()
    expect(LatencySketch.decode(new LatencySketch().encode()).count).toBe(0)
  })

  it('counts what is too short to tell as zero, and what is absurdly long as the longest', () => {
    const sketch = sketchOf([0, 0.001, -1, Number.NaN, 1e12])
    expect(sketch.count).toBe(5)
    expect(sketch.quantile(0.5)).toBe(0)
    expect(sketch.quantile(1)).toBeGreaterThan(7e7)
    expect(LatencySketch.decode(sketch.encode()).count).toBe(5)
  })

  it('knows how many were slower', () => {
    const sketch = sketchOf([1, 2, 3, 100, 200])
    expect(sketch.countAbove(50)).toBe(2)
    expect(sketch.countAbove(0)).toBe(5)
  })

  it('is small on the wire', () => {
    const list = Array.from({ length: 2_000 }, (_, i) => 5 * Math.exp(Math.sin(i * 12.9898) * 1.5))
    expect(sketchOf(list).encode().length).toBeLessThan(500)
  })

  it.each([
    ['nothing', []],
    ['a number cut short', [0x80]],
    ['an endless number', [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]],
    ['a gap without a count', [1, 0, 0, 0, 5]],
    ['a bin beyond the last', [1, 0, 0, 0, 0xff, 0x7f, 1]],
    ['an empty bin', [0, 0, 0, 0, 5, 0]],
    ['a bin twice', [2, 0, 0, 0, 5, 1, 0, 1]],
    ['a count the bins do not reach', [7, 0, 0, 0, 5, 1]],
  ])('refuses %s', (_, bytes) => {
    expect(() => LatencySketch.decode(Uint8Array.from(bytes))).toThrow(RangeError)
  })

  it('refuses or understands any bytes, and never hangs', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        const outcome = attempt(() => LatencySketch.decode(bytes).count)
        expect(outcome instanceof RangeError || Number.isSafeInteger(outcome)).toBe(true)
      }),
    )
  })
})

function sketchOf(list: readonly number[]): LatencySketch {
  const sketch = new LatencySketch()
  for (const ms of list) sketch.add(ms)
  return sketch
}

function attempt(act: () => unknown): unknown {
  try {
    return act()
  } catch (error) {
    return error
  }
}
