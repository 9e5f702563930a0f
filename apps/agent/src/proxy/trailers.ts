import type { ServerResponse } from 'node:http'
import { valuesOf, type RequestHead } from './check-request.ts'

/** Fields that frame, route, authenticate or say how to read a message may not come after it (RFC 9110 section 6.5.1). */
const NOT_AFTER_THE_BODY =
  /^(?:transfer-encoding|content-(?:length|encoding|type|range|location)|host|trailer|te|connection|keep-alive|upgrade|proxy-.*|via|forwarded|x-forwarded-.*|x-real-ip|x-request-id|cache-control|expect|max-forwards|pragma|range|if-.*|authorization|www-authenticate|authentication-info|cookie|set-cookie2?|age|expires|date|location|refresh|retry-after|vary|warning)$/

/** Whether the client said that it wants trailers (RFC 9110 section 10.1.4). */
export function takesTrailers(head: RequestHead): boolean {
  if (head.httpVersion !== '1.1' || !head.names.includes('te')) return false
  return valuesOf(head, 'te').some((line) => /(?:^|,)[ \t]*trailers[ \t]*(?:,|$)/i.test(line))
}

/** Passes trailers on to a client that wants them; the rest are dropped. Only a chunked answer can carry any. */
export function writeTrailers(response: ServerResponse, rawTrailers: readonly string[]): void {
  if (rawTrailers.length === 0 || !response.chunkedEncoding) return
  const kept: [string, string][] = []
  for (let i = 0; i < rawTrailers.length; i += 2) {
    const name = rawTrailers[i] as string
    if (!NOT_AFTER_THE_BODY.test(name.toLowerCase())) kept.push([name, rawTrailers[i + 1] as string])
  }
  response.addTrailers(kept)
}
