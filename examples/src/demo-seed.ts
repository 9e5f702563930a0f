import { z } from 'zod'
import { agentTokenCreatedSchema } from '@crossfade/contracts/api/agents'
import { pageOf } from '@crossfade/contracts/api/common'
import { environmentViewSchema } from '@crossfade/contracts/api/environments'
import { mappingViewSchema, shareResultSchema, type MappingInput } from '@crossfade/contracts/api/mappings'
import { serviceViewSchema } from '@crossfade/contracts/api/services'
import type { ApiClient } from 'crossfade/api-client'
import type { DemoPlan } from './demo-plan.ts'

/** The book API's endpoints as mappings, entered through the API as a person would. Does nothing the second time. */
export async function seedDemo(api: ApiClient, plan: DemoPlan): Promise<void> {
  const services = await api.call('GET', '/api/v1/services', pageOf(serviceViewSchema))
  if (services.items.length > 0) return

  const legacy = await createService(api, 'books-legacy', plan.services.legacy)
  const replacement = await createService(api, 'books-new', plan.services.new)
  await sendTheRestTo(api, legacy)
  for (const [mapping, percent] of bookMappings(legacy, replacement)) {
    const view = await api.call('POST', '/api/v1/mappings', mappingViewSchema, { body: mapping })
    if (percent === 0) continue
    await api.call('PUT', `/api/v1/mappings/${view.id}/share`, shareResultSchema, {
      ifMatch: view.shareVersion,
      body: { percent, reason: 'To have something to look at' },
    })
  }
}

/** For both agents of the demo. */
export async function createAgentToken(api: ApiClient, name: string): Promise<string> {
  const { token } = await api.call('POST', '/api/v1/agent-tokens', agentTokenCreatedSchema, {
    body: { name, uses: 'many' },
  })
  return token
}

export async function oneTimeLink(api: ApiClient): Promise<string> {
  const { link } = await api.call('POST', '/api/v1/local/link', z.object({ link: z.string() }), { body: {} })
  return link
}

async function createService(api: ApiClient, name: string, port: number): Promise<string> {
  const body = {
    name,
    instances: [`http://127.0.0.1:${port}`],
    health: { path: '/health', intervalMs: 2_000, timeoutMs: 1_000, healthyAfter: 1, unhealthyAfter: 2 },
  }
  return (await api.call('POST', '/api/v1/services', serviceViewSchema, { body })).id
}

async function sendTheRestTo(api: ApiClient, serviceId: string): Promise<void> {
  const environment = await api.call('GET', '/api/v1/environments/default', environmentViewSchema)
  await api.call('PUT', '/api/v1/environments/default', environmentViewSchema, {
    ifMatch: environment.version,
    body: { name: environment.name, defaults: [{ host: null, serviceId }] },
  })
}

function bookMappings(legacy: string, replacement: string): readonly (readonly [MappingInput, number])[] {
  const base = '/v2/content_api'
  const mapping = (name: string, match: MappingInput['match'], to: string): MappingInput => ({
    name,
    owner: 'Books',
    match,
    legacy: { serviceId: legacy },
    new: { serviceId: replacement, rewrite: { path: { kind: 'template', template: to } } },
    split: { kind: 'own', identity: { kind: 'cookie', name: 'uid' }, missing: 'client-ip' },
  })
  const get = ['GET']
  return [
    [
      mapping(
        'chapter-details',
        { methods: get, path: { kind: 'exact', path: `${base}/book.get_chapter_details` } },
        '/v2/chapter/get_details',
      ),
      25,
    ],
    [
      mapping(
        'chapters-by-status',
        { methods: get, path: { kind: 'exact', path: `${base}/book.chapters_by_status` } },
        '/v2/chapters',
      ),
      5,
    ],
    [
      mapping(
        'authors',
        { methods: get, path: { kind: 'template', template: `${base}/author/:author` } },
        '/v3/authors/:author',
      ),
      0,
    ],
    [
      mapping(
        'bookmarks',
        { methods: ['POST'], path: { kind: 'exact', path: `${base}/bookmarks` } },
        '/v3/bookmarks',
      ),
      0,
    ],
  ]
}
