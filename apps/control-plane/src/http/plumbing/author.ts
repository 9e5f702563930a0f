import type { FastifyRequest } from 'fastify'
import { Problem } from '@crossfade/contracts/problems'
import type { Principal } from '../../people/principal.ts'
import type { Granter } from '../../store/author.ts'
import type { Among } from '../../store/page.ts'

/** Who acts, for the audit trail: the dashboard has a session, programs have tokens, the CLI says so. */
export function authorOf(request: FastifyRequest): Granter {
  const principal = principalOf(request)
  return {
    actor: { kind: principal.kind, id: principal.id, name: principal.name },
    source: sourceOf(request, principal),
    requestId: request.id,
    access: principal.access,
  }
}

/** On a list, which the guard has looked at: the environments whose objects may be in it. */
export function amongOf(request: FastifyRequest): Among {
  if (request.among === null) throw new TypeError('This route is not declared as a list')
  return request.among
}

/** The guard has let this request in, so somebody is there. */
export function principalOf(request: FastifyRequest): Principal {
  if (!request.principal) throw new Problem('unauthenticated')
  return request.principal
}

function sourceOf(request: FastifyRequest, principal: Principal): Granter['source'] {
  if (principal.kind === 'user') return 'dashboard'
  return request.headers['x-crossfade-source'] === 'cli' ? 'cli' : 'api'
}
