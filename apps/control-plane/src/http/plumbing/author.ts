import type { FastifyRequest } from 'fastify'
import { Problem } from '@crossfade/contracts/problems'
import type { Principal } from '../../people/principal.ts'
import type { Author } from '../../store/author.ts'

/** Who acts, for the audit trail: the dashboard has a session, programs have tokens, the CLI says so. */
export function authorOf(request: FastifyRequest): Author {
  const principal = principalOf(request)
  return {
    actor: { kind: principal.kind, id: principal.id, name: principal.name },
    source: sourceOf(request, principal),
    requestId: request.id,
  }
}

/** The guard has let this request in, so somebody is there. */
export function principalOf(request: FastifyRequest): Principal {
  if (!request.principal) throw new Problem('unauthenticated')
  return request.principal
}

function sourceOf(request: FastifyRequest, principal: Principal): Author['source'] {
  if (principal.kind === 'user') return 'dashboard'
  return request.headers['x-crossfade-source'] === 'cli' ? 'cli' : 'api'
}
