import type { FastifyRequest } from 'fastify'
import { Problem } from '@crossfade/contracts/problems'
import { can, neededRole } from '@crossfade/contracts/roles'
import { localAdministrator } from '../../people/local-administrator.ts'
import type { People } from '../../people/people.ts'
import type { Principal } from '../../people/principal.ts'
import type { App, RoutePermission } from './app.ts'
import { cameThroughLocalDoor } from '../local-door.ts'
import { siteOf } from './same-origin.ts'

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS'])

/** Lets a request in or not, before its body is read: who is it, may that role do this, did it come from us. */
export function guard(app: App, people: People, publicUrl: string): void {
  app.decorateRequest('principal', null)
  app.decorateRequest('agent', null)
  app.addHook('onRequest', async (request) => {
    const { permission = 'user.manage', personOnly } = request.routeOptions.config
    if (permission === 'agent') {
      request.agent = await agentOf(people, request)
      return
    }
    request.principal = await identify(people, request)
    refuseOtherSites(request, publicUrl)
    if (permission !== 'public') refuseUnlessAllowed(request.principal, permission)
    if (personOnly && request.principal?.kind !== 'user') {
      throw new Problem('forbidden', { detail: 'A token has no account; sign in as a person' })
    }
  })
}

/** By the door it came through, by bearer token if one is sent, else by the session's cookie; null for neither. */
async function identify(people: People, request: FastifyRequest): Promise<Principal | null> {
  if (cameThroughLocalDoor(request.raw)) return localAdministrator
  if (request.headers.authorization === undefined) return request.session.principal ?? null
  const principal = await people.apiTokens.find(bearerOf(request))
  if (!principal) throw new Problem('unauthenticated', { detail: 'This token is not valid here' })
  return principal
}

function refuseUnlessAllowed(
  principal: Principal | null,
  permission: Exclude<RoutePermission, 'public' | 'agent'>,
): void {
  if (!principal) throw new Problem('unauthenticated')
  if (!can(principal.role, permission)) {
    const role = neededRole(permission)
    throw new Problem('forbidden', {
      detail: `This needs the ${role} role; yours is ${principal.role}`,
      extra: { neededRole: role },
    })
  }
  // With the database away we know people from memory, and let them do what cannot wait (rule 19).
  if (principal.remembered && permission !== 'rollback') throw new Problem('store_unavailable')
}

/**
 * A cookie travels with whatever a browser sends, so a write that rests on one must prove it came from our own
 * page. A bearer token proves itself, and a sign-in without cookie may come from a program.
 */
function refuseOtherSites(request: FastifyRequest, publicUrl: string): void {
  if (safeMethods.has(request.method) && !request.ws) return
  const site = siteOf(request.headers, publicUrl)
  const restsOnCookie = request.principal?.sessionId != null
  if (site === 'cross' || (site === 'unknown' && restsOnCookie)) throw new Problem('cross_site')
}

async function agentOf(people: People, request: FastifyRequest) {
  const agent = await people.agentOf(bearerOf(request))
  if (!agent) throw new Problem('unauthenticated', { detail: 'This is not a valid agent token' })
  return agent
}

/** RFC 6750 section 2.1. */
function bearerOf(request: FastifyRequest): string {
  return /^Bearer +(\S{1,500})$/i.exec(request.headers.authorization ?? '')?.[1] ?? ''
}
