import type { FastifyRequest } from 'fastify'
import { Problem } from '@crossfade/contracts/problems'
import {
  can,
  environmentsFor,
  permissions,
  roleIn,
  type EnvironmentPermission,
  type Access,
  type Permission,
} from '@crossfade/contracts/roles'
import type { Among } from '../../store/page.ts'
import { localAdministrator } from '../../people/local-administrator.ts'
import type { People } from '../../people/people.ts'
import type { Principal } from '../../people/principal.ts'
import { cameThroughLocalDoor } from '../local-door.ts'
import type { App } from './app.ts'
import { principalOf } from './author.ts'
import { forbidden } from './forbidden.ts'
import { siteOf } from './same-origin.ts'
import { nothingThere, type Finder } from './whereabouts.ts'

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * Lets a request in or not. Before its body is read: who is it, did it come from us, may they do this anywhere.
 * Before its handler runs, and on the values that the handler will see: in which environment, and may they there.
 */
export function guard(app: App, people: People, finder: Finder, publicUrl: string): void {
  app.decorateRequest('principal', null)
  app.decorateRequest('among', null)
  app.decorateRequest('agent', null)
  app.addHook('onRequest', async (request) => {
    const {
      permission = 'user.manage',
      environment,
      personOnly,
      agentPurpose = 'link',
    } = request.routeOptions.config
    if (permission === 'agent') {
      request.agent = await people.agents.admit(bearerOf(request), agentPurpose)
      return
    }
    request.principal = await identify(people, request)
    refuseOtherSites(request, publicUrl)
    if (permission !== 'public') {
      refuseUnlessAllowed(request.principal, permission, environment !== undefined)
    }
    if (personOnly && request.principal?.kind !== 'user') {
      throw new Problem('forbidden', { detail: 'A token has no account; sign in as a person' })
    }
  })
  app.addHook('preHandler', async (request) => {
    const { permission = 'user.manage', environment } = request.routeOptions.config
    if (permission === 'public' || permission === 'agent' || environment === undefined) return
    const { access } = principalOf(request)
    // Whoever may do it everywhere need not wait for the database to say where: rule 19 again, and a query less.
    if (environment !== 'list' && can(access, permission, null)) return
    const found = await finder.find(request, environment)
    if (found === null) {
      request.among = amongFor(access, permission)
      return
    }
    const { environmentId } = found
    // That there is an installation is no secret; what is in it is.
    if (found.what !== 'installation' && !can(access, 'read', environmentId)) {
      throw nothingThere(found.what)
    }
    if (!can(access, permission, environmentId)) {
      const name = environmentId === null ? 'everywhere' : await finder.nameOf(environmentId)
      throw forbidden(
        permission,
        environmentId === null ? null : { id: environmentId, name, yours: roleIn(access, environmentId) },
      )
    }
    if (environment === 'list' && environmentId !== null) request.among = [environmentId]
  })
}

/** Who may read nothing gets empty lists; for more than reading, somewhere to do it is needed. */
function amongFor(access: Access, permission: Permission): Among {
  if (permissions[permission].of !== 'environment') return can(access, permission, null) ? 'all' : []
  const among = environmentsFor(access, permission as EnvironmentPermission)
  if (among.length === 0 && permission !== 'read') throw forbidden(permission, null)
  return among
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
  permission: Permission,
  hasEnvironment: boolean,
): void {
  if (!principal) throw new Problem('unauthenticated')
  const { access } = principal
  // Somebody with a role everywhere may know of every environment, so they hear at once what is hopeless.
  const isHopeless =
    permissions[permission].of === 'environment'
      ? access.everywhere !== null &&
        environmentsFor(access, permission as EnvironmentPermission).length === 0
      : !can(access, permission, null) && (access.everywhere !== null || !hasEnvironment)
  if (isHopeless) throw forbidden(permission, null)
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

/** RFC 6750 section 2.1. */
function bearerOf(request: FastifyRequest): string {
  return /^Bearer +(\S{1,1000})$/i.exec(request.headers.authorization ?? '')?.[1] ?? ''
}
