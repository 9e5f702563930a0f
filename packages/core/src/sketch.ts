/** Width of a bin: each ends 2 % above the one before, so its middle is within 1 % of everything in it. */
const LOG_GAMMA = Math.log(1.02)
const GAMMA_PLUS_ONE = 2.02
/** Below 10 µs everything counts as zero. */
const SMALLEST_MS = 0.01
const OFFSET = Math.floor(Math.log(SMALLEST_MS) / LOG_GAMMA)
/** The last bin stands for everything beyond some 80 000 s. */
const LAST_BIN = 1_151
/** The largest number an encoded sketch may carry. */
const LARGEST = Number.MAX_SAFE_INTEGER

/**
 * Latencies as counts in logarithmic bins (rule 28): any quantile within 1 %, sketches of different agents and
 * windows merge without loss. The bins are fixed for good, so that versions merge too. Milliseconds throughout.
 */
export class LatencySketch {
  #bins = new Map<number, number>()
  #count = 0
  #zeros = 0
  #sum = 0
  #max = 0

  get count(): number {
    return this.#count
  }

  /** Of all latencies added; exact, as is `max`, but for rounding to microseconds when encoded. */
  get sum(): number {
    return this.#sum
  }

  get max(): number {
    return this.#max
  }

  add(ms: number): void {
    this.#count++
    if (!(ms >= SMALLEST_MS)) {
      this.#zeros++
      return
    }
    this.#sum += ms
    if (ms > this.#max) this.#max = ms
    const bin = Math.min(Math.ceil(Math.log(ms) / LOG_GAMMA) - OFFSET, LAST_BIN)
    this.#bins.set(bin, (this.#bins.get(bin) ?? 0) + 1)
  }

  /** Adds everything of the other sketch to this one. */
  merge(other: LatencySketch): this {
    for (const [bin, count] of other.#bins) this.#bins.set(bin, (this.#bins.get(bin) ?? 0) + count)
    this.#count += other.#count
    this.#zeros += other.#zeros
    this.#sum += other.#sum
    this.#max = Math.max(this.#max, other.#max)
    return this
  }

  /** The latency that the fraction `p` (0…1) of requests stayed at or below, in ms; null without requests. */
  quantile(p: number): number | null {
    if (this.#count === 0) return null
    const rank = p * (this.#count - 1)
    let below = this.#zeros
    if (rank < below) return 0
    for (const [bin, count] of this.#sorted()) {
      below += count
      if (below > rank) return Math.min(middleOf(bin), this.#max)
    }
    return this.#max
  }

  /** How many latencies were above `ms`, to the precision of a bin: the fraction slower than a quantile. */
  countAbove(ms: number): number {
    let above = 0
    for (const [bin, count] of this.#bins) if (middleOf(bin) > ms) above += count
    return above
  }

  /** Varints: count, zeros, sum and max in µs, then gap and count of each bin that is not empty. */
  encode(): Uint8Array {
    const out: number[] = []
    for (const head of [this.#count, this.#zeros, toMicros(this.#sum), toMicros(this.#max)])
      writeVarint(out, head)
    let last = -1
    for (const [bin, count] of this.#sorted()) {
      writeVarint(out, bin - last)
      writeVarint(out, count)
      last = bin
    }
    return Uint8Array.from(out)
  }

  /** Throws a `RangeError` for bytes that no sketch encodes to. */
  static decode(bytes: Uint8Array): LatencySketch {
    const sketch = new LatencySketch()
    const reader = { bytes, at: 0 }
    sketch.#count = readVarint(reader)
    sketch.#zeros = readVarint(reader)
    sketch.#sum = readVarint(reader) / 1_000
    sketch.#max = readVarint(reader) / 1_000
    let total = sketch.#zeros
    for (let bin = -1; reader.at < bytes.length;) {
      const gap = readVarint(reader)
      const count = readVarint(reader)
      bin += gap
      if (gap < 1 || count < 1 || bin > LAST_BIN) throw new RangeError('A bin of the sketch is out of order')
      sketch.#bins.set(bin, count)
      total += count
    }
    if (total !== sketch.#count) throw new RangeError('The bins of the sketch do not add up')
    return sketch
  }

  #sorted(): [bin: number, count: number][] {
    return [...this.#bins].sort(([a], [b]) => a - b)
  }
}

function middleOf(bin: number): number {
  return (2 * Math.exp((bin + OFFSET) * LOG_GAMMA)) / GAMMA_PLUS_ONE
}

function toMicros(ms: number): number {
  return Math.min(Math.round(ms * 1_000), LARGEST)
}

function writeVarint(out: number[], value: number): void {
  let rest = value
  while (rest >= 128) {
    out.push((rest % 128) | 128)
    rest = Math.floor(rest / 128)
  }
  out.push(rest)
}

function readVarint(reader: { readonly bytes: Uint8Array; at: number }): number {
  let value = 0
  for (let factor = 1; factor <= LARGEST; factor *= 128) {
    const byte = reader.bytes[reader.at++]
    if (byte === undefined) throw new RangeError('The sketch ends in the middle of a number')
    value += (byte & 127) * factor
    if (value > LARGEST) break
    if (byte < 128) return value
  }
  throw new RangeError('A number of the sketch is too large')
}
