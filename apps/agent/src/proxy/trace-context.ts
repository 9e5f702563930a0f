import { randomHex } from './request-id.ts'

const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-.*)?$/

/**
 * W3C Trace Context: a valid `traceparent` is continued as it is (we report no spans of our own, and a parent
 * nobody reports would tear the trace), else one is started and a `tracestate` without one dropped.
 */
export function traceHeaders(
  traceparent: readonly string[],
  tracestate: readonly string[],
  random: () => number,
): string[] {
  const [given] = traceparent
  if (given !== undefined && traceparent.length === 1 && isTraceparent(given)) {
    return ['traceparent', given, ...(tracestate.length === 0 ? [] : ['tracestate', tracestate.join(',')])]
  }
  // Sampled, for "not sampled" would switch off the tracing of every service that follows its parent.
  return ['traceparent', `00-${nonZero(randomHex(16, random))}-${nonZero(randomHex(8, random))}-01`]
}

function isTraceparent(text: string): boolean {
  return TRACEPARENT.test(text) && (!text.startsWith('00-') || text.length === 55)
}

function nonZero(hex: string): string {
  return /[^0]/.test(hex) ? hex : `${hex.slice(1)}1`
}
