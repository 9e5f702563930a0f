import helmet from '@fastify/helmet'
import type { App } from './app.ts'

const commonToPages = {
  'default-src': "'none'",
  'script-src': "'self'",
  'img-src': "'self' data:",
  'font-src': "'self'",
  'connect-src': "'self'",
  'manifest-src': "'self'",
  'worker-src': "'self'",
  'base-uri': "'none'",
  'form-action': "'self'",
  'frame-ancestors': "'none'",
}

/** Of pages: all from here, and no inline script. Styles that Mantine makes while it runs carry the nonce. */
export function pagePolicy(publicUrl: string, styleNonce: string): string {
  return policy({
    ...commonToPages,
    'style-src': `'self' 'nonce-${styleNonce}'`,
    ...(isHttps(publicUrl) && { 'upgrade-insecure-requests': '' }),
  })
}

/** Of the API's documentation. Swagger UI writes style attributes; its scripts are files. */
export function docsPolicy(): Record<string, string> {
  return { ...commonToPages, 'style-src': "'self' 'unsafe-inline'" }
}

/** Set on every answer; pages replace the content security policy by their own. */
export async function setSecurityHeaders(app: App, publicUrl: string): Promise<void> {
  await app.register(helmet, {
    contentSecurityPolicy: false,
    strictTransportSecurity: isHttps(publicUrl) ? { maxAge: 180 * 24 * 3600 } : false,
    referrerPolicy: { policy: 'same-origin' },
    xFrameOptions: { action: 'deny' },
    crossOriginOpenerPolicy: { policy: 'same-origin' },
    crossOriginResourcePolicy: { policy: 'same-origin' },
    crossOriginEmbedderPolicy: false,
  })
  app.addHook('onRequest', async (_request, reply) => {
    reply.header('content-security-policy', nothing)
    reply.header('permissions-policy', permissionsPolicy)
  })
}

/** For everything that is not a page: it may load nothing, and nobody may frame it. */
const nothing = policy({
  'default-src': "'none'",
  'base-uri': "'none'",
  'form-action': "'none'",
  'frame-ancestors': "'none'",
})

/** What a person may do here can be read by nobody afterwards: neither a shared cache nor the Back button. */
export function forbidCaching(api: App): void {
  api.addHook('onRequest', async (_request, reply) => void reply.header('cache-control', 'no-store'))
}

/** Of all that a browser could ask a person for, the dashboard needs the clipboard: to copy what is shown once. */
const permissionsPolicy = [
  'accelerometer=()',
  'browsing-topics=()',
  'camera=()',
  'clipboard-read=()',
  'clipboard-write=(self)',
  'display-capture=()',
  'geolocation=()',
  'gyroscope=()',
  'hid=()',
  'microphone=()',
  'midi=()',
  'payment=()',
  'publickey-credentials-get=()',
  'serial=()',
  'usb=()',
].join(', ')

function policy(directives: Readonly<Record<string, string>>): string {
  return Object.entries(directives)
    .map(([name, value]) => `${name} ${value}`.trim())
    .join('; ')
}

function isHttps(publicUrl: string): boolean {
  return publicUrl.startsWith('https:')
}
