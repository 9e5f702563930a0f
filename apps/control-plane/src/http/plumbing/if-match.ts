import type { FastifyReply, FastifyRequest } from 'fastify'
import { Problem } from '@crossfade/contracts/problems'

/** The version a write is based on, from `If-Match: "7"` (RFC 9110 section 13.1.1). */
export function ifMatchOf(request: FastifyRequest): number {
  const header = request.headers['if-match']
  if (header === undefined) throw new Problem('version_required')
  const found = /^(?:W\/)?"(\d{1,9})"$/.exec(header.trim())
  if (!found) {
    const message = 'Give one version in quotes, as in "7"'
    throw new Problem('invalid_input', { errors: [{ path: 'If-Match', message }] })
  }
  return Number(found[1])
}

export function setETag(reply: FastifyReply, version: number): void {
  reply.header('etag', `"${version}"`)
}
