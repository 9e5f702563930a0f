import { groupViewSchema, type GroupInput, type GroupView } from '@crossfade/contracts/api/groups'
import type { MappingInput, MappingView } from '@crossfade/contracts/api/mappings'
import { shareResultSchema } from '@crossfade/contracts/api/mappings'
import type { ApiClient } from 'crossfade/api-client'
import type { Verbs } from './house.ts'

/**
 * The endpoints and percentage groups of a production nginx (shared/fixtures/nginx-books.conf), entered
 * through the API: two services, four endpoints, groups of 1, 12.5, 25 and 100 %.
 */
export const booksHost = 'api.books.example'
export const newHost = 'go-books.content.svc.cluster.local'

export interface Books {
  readonly groups: Readonly<Record<'careful' | 'quarter' | 'done' | 'users', GroupView>>
  readonly mappings: Readonly<Record<'details' | 'chapters' | 'author' | 'ping', MappingView>>
  mappingInput(name: string, groupId: string): MappingInput
}

export async function enterBooks(
  api: ApiClient,
  call: Verbs,
  urls: { legacy: string; new: string },
): Promise<Books> {
  const legacy = await call.service('django', urls.legacy)
  const replacement = await call.service('golang', urls.new)
  await call.defaultService(legacy)

  const group = async (name: string, percent: number, split: GroupInput['split']): Promise<GroupView> => {
    const view = await api.call('POST', '/api/v1/groups', groupViewSchema, { body: { name, split } })
    await api.call('PUT', `/api/v1/groups/${view.id}/share`, shareResultSchema, {
      ifMatch: view.shareVersion,
      body: { percent },
    })
    return api.call('GET', `/api/v1/groups/${view.id}`, groupViewSchema)
  }
  const perRequest: GroupInput['split'] = { identity: { kind: 'request' } }
  const careful = await group('careful', 1, perRequest)
  const quarter = await group('quarter', 25, perRequest)
  const done = await group('done', 100, { ...perRequest, cohortId: quarter.split.cohort.id })
  const users = await group('users', 12.5, { identity: { kind: 'cookie', name: 'uid' } })

  const definitions: Record<string, { path: MappingInput['match']['path']; to: string }> = {
    details: {
      path: { kind: 'regex', pattern: '^/v2/content_api/book.get_chapter_details', position: 1 },
      to: '/v2/chapter/get_details',
    },
    chapters: {
      path: { kind: 'regex', pattern: '^/v2/content_api/book.chapters_by_status', position: 2 },
      to: '/v2/chapters',
    },
    author: {
      path: { kind: 'regex', pattern: '^/v2/content_api/author/(?P<author>\\d+)$', position: 3 },
      to: '/v3/authors/:author',
    },
    ping: { path: { kind: 'exact', path: '/v2/content_api/ping' }, to: '/v2/ping' },
  }
  const mappingInput = (name: string, groupId: string): MappingInput => {
    const definition = definitions[name]
    if (definition === undefined) throw new Error(`No endpoint ${name}`)
    return {
      name,
      match: { host: booksHost, path: definition.path },
      legacy: { serviceId: legacy },
      new: {
        serviceId: replacement,
        host: { kind: 'fixed', value: newHost },
        rewrite: { path: { kind: 'template', template: definition.to } },
      },
      split: { kind: 'group', groupId },
      originalUriOnAnswers: true,
    }
  }
  const enter = (name: string, groupId: string) =>
    call.mapping({ ...mappingInput(name, groupId), confirmMoves: true })
  return {
    groups: { careful, quarter, done, users },
    mappings: {
      details: await enter('details', done.id),
      chapters: await enter('chapters', quarter.id),
      author: await enter('author', users.id),
      ping: await enter('ping', careful.id),
    },
    mappingInput,
  }
}
