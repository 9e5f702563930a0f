import { z } from 'zod'
import type { App } from '../plumbing/app.ts'

export function documentRoutes(app: App): void {
  app.get(
    '/openapi.json',
    {
      config: { permission: 'public' },
      schema: {
        operationId: 'getOpenApi',
        summary: 'This document',
        tags: ['documentation'],
        response: { 200: z.record(z.string(), z.unknown()) },
      },
    },
    async () => ({ ...app.swagger() }),
  )
}
