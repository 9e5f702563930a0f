import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod'
import type { App } from './app.ts'
import { nameSchemas } from './openapi-names.ts'
import { docsPolicy } from './security-headers.ts'
import { sessionCookieName } from './session-cookie.ts'

/** The API describes itself, from the same schemas that check its input and output. */
export async function describeApi(app: App, publicUrl: string): Promise<void> {
  nameSchemas()
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.1',
      info: {
        title: 'Crossfade',
        // Of the API, not of the program: it moves only when the API changes in a way clients notice.
        version: '1',
        description:
          'Moves live HTTP traffic from an old service to its replacement. Writes carry If-Match with the version they are based on, and may carry an Idempotency-Key. Refusals are problem documents with a code.',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      servers: [{ url: '/' }],
      components: {
        securitySchemes: {
          token: { type: 'http', scheme: 'bearer', description: 'An API token (cfp_…)' },
          session: { type: 'apiKey', in: 'cookie', name: sessionCookieName(publicUrl) },
        },
      },
    },
    hideUntagged: true,
    transform: jsonSchemaTransform,
    transformObject: jsonSchemaTransformObject,
  })
}

/** A page to read it on, with nothing loaded from elsewhere. */
export async function serveDocs(app: App): Promise<void> {
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    staticCSP: docsPolicy(),
    uiConfig: { docExpansion: 'list', tryItOutEnabled: false, persistAuthorization: false },
  })
}

/** As it is committed in docs/openapi.json, so that a change of the API is seen in review. */
export function openApiText(app: App): string {
  return `${JSON.stringify(app.swagger(), null, 2)}\n`
}
