import cookie from '@fastify/cookie'
import session, { type FastifySessionOptions } from '@fastify/session'
import type { FastifyReply, FastifyRequest, Session } from 'fastify'
import type { Principal } from '../../people/principal.ts'
import { sessionLifeMs, type Sessions } from '../../people/sessions.ts'
import { randomSecret } from '../../people/secret.ts'
import type { App } from './app.ts'

/** `__Host-` binds the cookie to this host and to TLS (RFC 6265bis section 4.1.3.2). */
export function sessionCookieName(publicUrl: string): string {
  return isHttps(publicUrl) ? '__Host-crossfade_session' : 'crossfade_session'
}

/** Server-side sessions: the cookie is 256 random bits, the store keeps their hash. */
export async function useSessions(app: App, sessions: Sessions, publicUrl: string): Promise<void> {
  await app.register(cookie)
  await app.register(session, {
    cookieName: sessionCookieName(publicUrl),
    // The id is unguessable and looked up by its hash, so a signature would add nothing but a secret to keep.
    secret: { sign: (id) => id, unsign: (id) => ({ valid: true, renew: false, value: id }) },
    idGenerator: randomSecret,
    saveUninitialized: false,
    rolling: false,
    cookie: cookieOptions(publicUrl),
    store: sessionStore(sessions),
  })
}

/** A new id at each sign-in and change of password: one planted or taken before is worth nothing (session fixation). */
export async function startSession(request: FastifyRequest, principal: Principal): Promise<void> {
  await request.session.regenerate()
  request.session.userId = principal.id
  request.session.userAgent = (request.headers['user-agent'] ?? '').slice(0, 300)
  await request.session.save()
}

export async function endSession(
  request: FastifyRequest,
  reply: FastifyReply,
  publicUrl: string,
): Promise<void> {
  await request.session.destroy()
  reply.clearCookie(sessionCookieName(publicUrl), { path: '/' })
}

/**
 * Strict, so that no other site's link, form or frame carries it. One-time links and links in a chat still work:
 * pages need no cookie, and what they ask for afterwards comes from here.
 */
function cookieOptions(publicUrl: string): NonNullable<FastifySessionOptions['cookie']> {
  return { path: '/', httpOnly: true, sameSite: 'strict', secure: isHttps(publicUrl), maxAge: sessionLifeMs }
}

function isHttps(publicUrl: string): boolean {
  return publicUrl.startsWith('https:')
}

/** Ours behind the plugin's callbacks. Who the person is comes with the session, so that one query does. */
function sessionStore(sessions: Sessions): FastifySessionOptions['store'] & object {
  const settle = <T>(work: Promise<T>, done: (error: unknown, value?: T) => void) => {
    work.then(
      (value) => done(null, value),
      (error: unknown) => done(error),
    )
  }
  const load = async (id: string): Promise<Session | null> => {
    const found = await sessions.find(id)
    if (!found) return null
    const { principal, expiresAt } = found
    return { cookie: { originalMaxAge: sessionLifeMs, expires: expiresAt }, userId: principal.id, principal }
  }
  return {
    get: (id, done) => settle(load(id), done),
    // A session that belongs to nobody yet is not worth a row.
    set: (id, { userId, userAgent }, done) =>
      userId === undefined ? done(null) : settle(sessions.save(id, userId, userAgent ?? ''), done),
    destroy: (id, done) => settle(sessions.end(id), done),
  }
}
