import { z } from 'zod'
import { neededRole, permissions } from '@crossfade/contracts/roles'
import type { App, RoutePermission } from './app.ts'
import type { EnvironmentSource } from './whereabouts.ts'

/** One route of the API and who may call it. */
export interface RouteEntry {
  readonly method: string
  readonly url: string
  readonly permission: RoutePermission
  readonly environment: EnvironmentSource | null
}

const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.string(),
    detail: z.string(),
    errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
    requestId: z.string().optional(),
  })
  .meta({ id: 'Problem', description: 'RFC 9457. Every code is in docs/problems.md.' })

/**
 * Watches every route that is registered: one without a permission, or without a way to the environment it is
 * needed in, stops the program, and the documentation of the others says who may call them and how they refuse.
 */
export function watchRoutes(app: App): readonly RouteEntry[] {
  const table: RouteEntry[] = []
  app.addHook('onRoute', (route) => {
    const permission = route.config?.permission
    const methods = [route.method].flat()
    if (permission === undefined) {
      throw new TypeError(`${methods.join(',')} ${route.url} does not say who may call it`)
    }
    const environment = route.config?.environment ?? null
    if (environment === null && isOfEnvironment(permission)) {
      throw new TypeError(`${methods.join(',')} ${route.url} does not say how its environment is found`)
    }
    for (const method of methods) {
      if (method !== 'HEAD') table.push({ method, url: route.url, permission, environment })
    }
    const schema = { ...route.schema }
    route.schema = {
      ...schema,
      description: [schema.description, who(permission)].filter(Boolean).join(' '),
      security: permission === 'public' ? [] : [{ token: [] }, { session: [] }],
      response: {
        ...(schema.response as object | undefined),
        '4XX': {
          description: 'Refused',
          content: { 'application/problem+json': { schema: problemSchema } },
        },
      },
    }
  })
  return table
}

function who(permission: RoutePermission): string {
  if (permission === 'public') return 'Open to everybody.'
  if (permission === 'agent') return 'For agents, with an assertion signed by their own key.'
  if (permissions[permission].of === 'self') return 'For everybody who is signed in.'
  const where = isOfEnvironment(permission) ? 'in the environment' : 'everywhere'
  return `Needs the ${neededRole(permission)} role ${where} (${permission}).`
}

function isOfEnvironment(permission: RoutePermission): boolean {
  return permission !== 'public' && permission !== 'agent' && permissions[permission].of === 'environment'
}
