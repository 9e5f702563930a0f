import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyReply } from 'fastify'
import { Problem } from '@crossfade/contracts/problems'
import type { HttpParts } from '../http-parts.ts'
import type { App } from './app.ts'
import { replyWithProblem } from './problem-reply.ts'
import type { RouteEntry } from './route-table.ts'
import { pagePolicy } from './security-headers.ts'

const year = 365 * 24 * 3_600_000

/**
 * The built dashboard: hashed files under `/assets` for ever, and its one page for every path that is not the
 * API's, because the browser does the routing. Paths of the API that do not exist are problems.
 */
export async function serveDashboard(
  app: App,
  { dashboardDir, settings }: Pick<HttpParts, 'dashboardDir' | 'settings'>,
  routes: readonly RouteEntry[],
): Promise<void> {
  const isBuilt = dashboardDir !== null && existsSync(path.join(dashboardDir, 'index.html'))
  if (isBuilt) {
    app.get('/', async (_request, reply) => sendPage(reply, dashboardDir, settings.publicUrl))
    await app.register(fastifyStatic, {
      root: path.resolve(dashboardDir),
      index: false,
      // The page has a nonce to fill in, so it is not served as a file.
      allowedPath: (file) => file !== '/index.html',
      setHeaders: (reply, file) => {
        const isHashed = file.includes(`${path.sep}assets${path.sep}`)
        reply.header('cache-control', isHashed ? `public, max-age=${year / 1000}, immutable` : 'no-cache')
      },
    })
  }
  app.setNotFoundHandler(async (request, reply) => {
    const [pathname = '/'] = request.url.split('?', 1)
    const isPage = (request.method === 'GET' || request.method === 'HEAD') && !isApi(pathname)
    if (!isPage) {
      const allowed = methodsAt(routes, pathname)
      if (allowed.length > 0) reply.header('allow', allowed.join(', '))
      return replyWithProblem(
        new Problem(allowed.length > 0 ? 'method_not_allowed' : 'not_found'),
        request,
        reply,
      )
    }
    if (!isBuilt) return sendPlainPage(reply)
    if (path.extname(pathname) !== '') return replyWithProblem(new Problem('not_found'), request, reply)
    return sendPage(reply, dashboardDir, settings.publicUrl)
  })
}

/** Never from a cache: the nonce in the page must be the one in its header. */
async function sendPage(reply: FastifyReply, dashboardDir: string, publicUrl: string): Promise<FastifyReply> {
  const nonce = randomBytes(18).toString('base64url')
  const page = await readFile(path.join(dashboardDir, 'index.html'), 'utf8')
  return reply
    .header('content-security-policy', pagePolicy(publicUrl, nonce))
    .header('cache-control', 'no-store')
    .type('text/html; charset=utf-8')
    .send(page.replaceAll('__CSP_NONCE__', nonce))
}

function isApi(pathname: string): boolean {
  return pathname === '/api' || pathname.startsWith('/api/')
}

/** Methods that a path does take, to tell 405 from 404. */
function methodsAt(routes: readonly RouteEntry[], pathname: string): string[] {
  const parts = pathname.split('/')
  const fits = ({ url }: RouteEntry) => {
    const pattern = url.split('/')
    return (
      pattern.length === parts.length && pattern.every((part, i) => part.startsWith(':') || part === parts[i])
    )
  }
  return [...new Set(routes.filter(fits).map((route) => route.method))].toSorted()
}

function sendPlainPage(reply: FastifyReply): FastifyReply {
  return reply
    .code(503)
    .type('text/html; charset=utf-8')
    .send(
      `<!doctype html><html lang="en"><title>Crossfade</title><h1>The dashboard is not built</h1>
<p>The control plane runs; its <a href="/docs">API</a> answers. Build the dashboard, or name its folder in
<code>CROSSFADE_DASHBOARD_DIR</code>.</p></html>
`,
    )
}
