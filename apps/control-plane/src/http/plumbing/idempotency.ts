import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { Problem } from '@crossfade/contracts/problems'
import { canonicalJson } from '@crossfade/runtime/canonical-json'
import type { Clock } from '@crossfade/runtime/clock'
import { sha256Hex } from '@crossfade/runtime/seal'
import {
  answerKey,
  deleteKeysBefore,
  readKey,
  releaseKey,
  reserveKey,
  unanswered,
} from '../../store/idempotency-keys.ts'
import type { Store } from '../../store/store.ts'
import type { App } from './app.ts'

const keptHeaders = ['etag', 'location'] as const
const keptSchema = z.object({ body: z.string(), headers: z.record(z.string(), z.string()) })
const abandonedAfterMs = 60_000
const keptForMs = 24 * 3_600_000

/**
 * `Idempotency-Key`: a write sent twice is done once, and the second gets the first's answer. Only answers of
 * writes that went through are kept; a refused one changed nothing and may be sent again.
 */
export function keepAnswers(app: App, store: Store, clock: Clock): void {
  app.decorateRequest('idempotencyKey', null)

  app.addHook('preHandler', async (request, reply) => {
    const key = keyOf(request)
    if (key === null) return
    const fingerprint = fingerprintOf(request)
    const now = clock.now()
    const times = { now: new Date(now), abandonedBefore: new Date(now - abandonedAfterMs) }
    if (await store.transaction((db) => reserveKey(db, key, fingerprint, times))) {
      request.idempotencyKey = key
      return
    }
    const before = await store.read((db) => readKey(db, key))
    if (!before || before.status === unanswered) {
      throw new Problem('idempotency_conflict', {
        detail: 'The first request with this key is still running',
      })
    }
    if (before.fingerprint !== fingerprint) throw new Problem('idempotency_conflict')
    return replay(reply, before.status, keptSchema.parse(before.response))
  })

  app.addHook('onSend', async (request, reply, payload) => {
    const key = request.idempotencyKey
    if (key === null) return payload
    try {
      const answer = kept(reply, payload)
      await store.transaction((db) =>
        reply.statusCode < 400 ? answerKey(db, key, reply.statusCode, answer) : releaseKey(db, key),
      )
    } catch (error) {
      // The write is done and its answer must reach the caller; the key frees itself after a minute.
      request.log.warn({ err: error }, 'An answer could not be kept for its Idempotency-Key')
    }
    return payload
  })
}

function keyOf(request: FastifyRequest): string | null {
  const header = request.headers['idempotency-key']
  if (header === undefined || request.method === 'GET' || request.method === 'HEAD') return null
  if (!request.principal || request.routeOptions.config.idempotency === false) return null
  if (typeof header !== 'string' || !/^[\x21-\x7e]{1,200}$/.test(header)) {
    const message = 'Give at most 200 visible ASCII characters'
    throw new Problem('invalid_input', { errors: [{ path: 'Idempotency-Key', message }] })
  }
  return `${request.principal.kind}/${request.principal.id}/${header}`
}

function fingerprintOf(request: FastifyRequest): string {
  const { method, url, headers, body } = request
  return sha256Hex([method, url, headers['if-match'] ?? '', canonicalJson(body ?? null)].join('\n'))
}

function kept(reply: FastifyReply, payload: unknown): z.infer<typeof keptSchema> {
  const headers: Record<string, string> = {}
  for (const name of keptHeaders) {
    const value = reply.getHeader(name)
    if (typeof value === 'string') headers[name] = value
  }
  return { body: typeof payload === 'string' ? payload : '', headers }
}

function replay(reply: FastifyReply, status: number, answer: z.infer<typeof keptSchema>): FastifyReply {
  reply.code(status).headers(answer.headers).header('idempotency-replayed', 'true')
  if (answer.body === '') return reply.send()
  return reply.type('application/json; charset=utf-8').send(answer.body)
}

/** Answers are kept for a day. */
export async function pruneAnswers(store: Store, clock: Clock): Promise<void> {
  const before = new Date(clock.now() - keptForMs)
  await store.transaction((db) => deleteKeysBefore(db, before))
}
