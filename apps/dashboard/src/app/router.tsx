import type { QueryClient } from '@tanstack/react-query'
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  isRedirect,
  lazyRouteComponent,
  redirect,
  retainSearchParams,
} from '@tanstack/react-router'
import { z } from 'zod'
import { agentsSearchSchema } from '../features/agents/agents-search.ts'
import { approvalsSearchSchema } from '../features/approvals/approvals-search.ts'
import { auditSearchSchema } from '../features/audit/audit-search.ts'
import { groupsSearchSchema } from '../features/groups/groups-search.ts'
import { newMappingSearchSchema } from '../features/mapping-form/draft-for-path.ts'
import { mappingSearchSchema, mappingsSearchSchema } from '../features/mappings/mappings-search.ts'
import { segmentsSearchSchema } from '../features/segments/segments-search.ts'
import { servicesSearchSchema } from '../features/services/services-search.ts'
import { usersSearchSchema } from '../features/users/users-search.ts'
import { can } from '@crossfade/contracts/roles'
import { environmentIn } from '../shared/environment.ts'
import { asProblem } from '../shared/api.ts'
import { meQuery } from '../shared/queries.ts'
import { Frame } from './frame.tsx'
import { BrokenPage, NotFoundPage } from './fallback-pages.tsx'

/** What is in the address on every page; features add theirs in `features/<name>/<name>-search.ts`. */
const frameSearchSchema = z.object({ environment: z.string().optional().catch(undefined) })

const rootRoute = createRootRouteWithContext<{ queryClient: QueryClient }>()({
  notFoundComponent: NotFoundPage,
  errorComponent: BrokenPage,
})

const signInRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/sign-in',
  validateSearch: z.object({ next: z.string().startsWith('/').optional().catch(undefined) }),
  component: lazyRouteComponent(() => import('../features/sign-in/sign-in-page.tsx'), 'SignInPage'),
})

const linkRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/link',
  component: lazyRouteComponent(() => import('../features/sign-in/link-page.tsx'), 'LinkPage'),
})

/** Everything for people who are signed in. */
const frameRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: 'frame',
  validateSearch: frameSearchSchema,
  search: { middlewares: [retainSearchParams(['environment'])] },
  beforeLoad: async ({ context, location, search }) => {
    try {
      const { access } = await context.queryClient.ensureQueryData(meQuery())
      const [first] = access.environments
      if (first && search.environment === undefined && !can(access, 'read', environmentIn(search))) {
        throw redirect({
          to: location.pathname,
          search: { ...location.search, environment: first.environmentId },
        })
      }
    } catch (error) {
      if (isRedirect(error) || asProblem(error).status !== 401) throw error
      throw redirect({ to: '/sign-in', search: location.href === '/' ? {} : { next: location.href } })
    }
  },
  component: Frame,
})

const homeRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/mappings' })
  },
})

const mappingsRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/mappings',
  validateSearch: mappingsSearchSchema,
  component: lazyRouteComponent(() => import('../features/mappings/mappings-page.tsx'), 'MappingsPage'),
})

const newMappingRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/mappings/new',
  validateSearch: newMappingSearchSchema,
  component: lazyRouteComponent(
    () => import('../features/mapping-form/mapping-form-page.tsx'),
    'NewMappingPage',
  ),
})

const mappingRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/mappings/$id',
  validateSearch: mappingSearchSchema,
  component: lazyRouteComponent(() => import('../features/mappings/mapping-page.tsx'), 'MappingPage'),
})

const editMappingRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/mappings/$id/edit',
  component: lazyRouteComponent(
    () => import('../features/mapping-form/mapping-form-page.tsx'),
    'EditMappingPage',
  ),
})

const groupsRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/groups',
  validateSearch: groupsSearchSchema,
  component: lazyRouteComponent(() => import('../features/groups/groups-page.tsx'), 'GroupsPage'),
})

const servicesRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/services',
  validateSearch: servicesSearchSchema,
  component: lazyRouteComponent(() => import('../features/services/services-page.tsx'), 'ServicesPage'),
})

const segmentsRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/segments',
  validateSearch: segmentsSearchSchema,
  component: lazyRouteComponent(() => import('../features/segments/segments-page.tsx'), 'SegmentsPage'),
})

const agentsRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/agents',
  validateSearch: agentsSearchSchema,
  component: lazyRouteComponent(() => import('../features/agents/agents-page.tsx'), 'AgentsPage'),
})

const approvalsRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/approvals',
  validateSearch: approvalsSearchSchema,
  component: lazyRouteComponent(() => import('../features/approvals/approvals-page.tsx'), 'ApprovalsPage'),
})

const calendarRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/calendar',
  component: lazyRouteComponent(() => import('../features/calendar/calendar-page.tsx'), 'CalendarPage'),
})

const auditRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/audit',
  validateSearch: auditSearchSchema,
  component: lazyRouteComponent(() => import('../features/audit/audit-page.tsx'), 'AuditPage'),
})

const usersRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/people',
  validateSearch: usersSearchSchema,
  component: lazyRouteComponent(() => import('../features/users/users-page.tsx'), 'UsersPage'),
})

const notificationsRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/notifications',
  component: lazyRouteComponent(
    () => import('../features/notifications/notifications-page.tsx'),
    'NotificationsPage',
  ),
})

const environmentRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/environment',
  component: lazyRouteComponent(
    () => import('../features/environment/environment-page.tsx'),
    'EnvironmentPage',
  ),
})

const routeTree = rootRoute.addChildren([
  signInRoute,
  linkRoute,
  frameRoute.addChildren([
    homeRoute,
    mappingsRoute,
    newMappingRoute,
    mappingRoute,
    editMappingRoute,
    groupsRoute,
    servicesRoute,
    segmentsRoute,
    agentsRoute,
    approvalsRoute,
    calendarRoute,
    auditRoute,
    notificationsRoute,
    usersRoute,
    environmentRoute,
  ]),
])

export function createDashboardRouter(queryClient: QueryClient) {
  return createRouter({
    routeTree,
    context: { queryClient },
    defaultPreload: 'intent',
    scrollRestoration: true,
  })
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createDashboardRouter>
  }
}
