import { roles, type Access } from '@crossfade/contracts/roles'
import { Problem } from '@crossfade/contracts/problems'
import { tokenInput } from '../people/people-for-test.ts'
import { systemAuthor } from '../store/author.ts'
import { agentToJoin } from '../store/fleet.ts'
import { openHttp, type Answer, type AskOptions, type HttpHouse, type Method } from './http-for-test.ts'

/** One of everything in an environment, and a person, who is the installation's. */
export interface Furnished {
  readonly environment: string
  readonly name: string
  readonly service: string
  readonly cohort: string
  readonly group: string
  readonly segment: string
  readonly mapping: string
  readonly ramp: string
  readonly freeze: string
  readonly approval: string
  readonly agent: string
  readonly webhook: string
  readonly delivery: string
  readonly change: string
  readonly user: string
}

export interface AccessScene {
  readonly house: HttpHouse
  readonly here: Furnished
  readonly there: Furnished
  /** Somebody of each kind, as the Authorization header they send; `undefined` sends none. */
  readonly people: Readonly<
    Record<string, { readonly bearer: string | undefined; readonly access: Access | null }>
  >
  readonly ask: (
    bearer: string | undefined,
    method: string,
    url: string,
    options?: AskOptions,
  ) => Promise<Answer>
}

/** A house with two furnished environments besides the default one, and everybody who may come to the door. */
export async function openAccessScene(): Promise<AccessScene> {
  const house = await openHttp({ publisher: awayPublisher })
  const here = await furnish(house, 'here')
  const there = await furnish(house, 'there')
  const tokenFor = async (name: string, access: Access, expiresAt: string | null = null) =>
    house.people.apiTokens.create(systemAuthor, { name, access, expiresAt })
  const someone = async (name: string, access: Access) => ({
    bearer: (await tokenFor(name, access)).token,
    access,
  })
  const only = (environmentId: string, role: (typeof roles)[number]): Access => ({
    everywhere: null,
    environments: [{ environmentId, role }],
  })

  const people: Record<string, { bearer: string | undefined; access: Access | null }> = {
    nobody: { bearer: undefined, access: null },
    'somebody without rights': await someone('idle', { everywhere: null, environments: [] }),
    'admin of another environment': await someone('other', only(there.environment, 'admin')),
  }
  for (const role of roles) {
    people[`${role} everywhere`] = await someone(`every ${role}`, { everywhere: role, environments: [] })
    people[`${role} here only`] = await someone(`here ${role}`, only(here.environment, role))
  }
  const admin: Access = { everywhere: 'admin', environments: [] }
  const expired = await tokenFor('expired', admin, new Date(house.clock.now() - 1_000).toISOString())
  const revoked = await tokenFor('revoked', admin)
  await house.people.apiTokens.revoke(systemAuthor, revoked.id)
  const agent = await house.people.agentTokens.create(
    systemAuthor,
    tokenInput('many', 'edge', here.environment),
  )
  people['an expired token'] = { bearer: expired.token, access: null }
  people['a revoked token'] = { bearer: revoked.token, access: null }
  people['an agent'] = { bearer: agent.token, access: null }

  return {
    house,
    here,
    there,
    people,
    ask: (bearer, method, url, options = {}) =>
      house.ask(null, method as Method, url, {
        ...options,
        headers: { ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }), ...options.headers },
      }),
  }
}

const awayPublisher = {
  keys: [],
  current: () => null,
  all: () => [],
  newest: () => Promise.reject(new Problem('store_unavailable')),
  deltaSince: () => null,
  onPublished: () => () => {},
}

async function furnish(house: HttpHouse, name: string): Promise<Furnished> {
  const make = async (path: string, body: object) => {
    const answer = await house.ask('admin', 'POST', path, { body })
    if (answer.status !== 201) throw new Error(`${path}: ${answer.text}`)
    return answer
  }
  const { id: environmentId } = await make('environments', { name })
  const { id: service } = await make('services', serviceBody(environmentId, `${name}-service`))
  const group = await make('groups', { environmentId, name: `${name}-group` })
  const segment = await make('segments', segmentBody(environmentId, `${name}-segment`))
  const mapping = await make('mappings', {
    ...mappingBody({ environment: environmentId, service }, `${name}-mapping`),
    segments: [segment.id],
  })
  const ramp = await make('ramps', {
    environmentId,
    target: { kind: 'group', id: group.id },
    template: 'quick',
  })
  const approval = await make('approvals', {
    environmentId,
    change: { act: 'share', target: { kind: 'mapping', id: mapping.id }, percent: 50, ifVersion: 1 },
  })
  const freeze = await make('freezes', {
    environmentId,
    name: `${name}-freeze`,
    window: { kind: 'once', from: '2026-01-01T00:00:00Z', until: '2026-01-02T00:00:00Z' },
  })
  const invited = await make('users', {
    email: `${name}@example.com`,
    access: { everywhere: 'viewer', environments: [] },
  })
  const agent = await house.store.transaction((db) =>
    agentToJoin(db, { environmentId, name: `${name}-agent`, tokenId: 'none' }),
  )
  const webhook = await make('webhooks', webhookBody(environmentId, `${name}-webhook`))
  const tested = await house.ask('admin', 'POST', `webhooks/${webhook.id}/test`)
  const changes = await house.ask('admin', 'GET', `changes?environmentId=${environmentId}`)
  const [change] = changes.body['items'] as { seq: number }[]
  const { cohort } = group.body['split'] as { cohort: { id: string } }
  return {
    environment: environmentId,
    name,
    service,
    cohort: cohort.id,
    group: group.id,
    segment: segment.id,
    mapping: mapping.id,
    ramp: ramp.id,
    freeze: freeze.id,
    approval: approval.id,
    agent: agent.id,
    webhook: webhook.id,
    delivery: tested.id,
    change: String(change?.seq),
    user: (invited.body['user'] as { id: string }).id,
  }
}

export const serviceBody = (environmentId: string, name: string) => ({
  environmentId,
  name,
  instances: ['http://10.0.0.7:8080'],
})

/** To a port where nobody listens. */
export const webhookBody = (environmentId: string, name: string) => ({
  environmentId,
  name,
  kind: 'webhook',
  url: 'http://127.0.0.1:9',
  events: ['share.changed'],
})

export const segmentBody = (environmentId: string, name: string) => ({
  environmentId,
  name,
  side: 'new',
  conditions: [{ attribute: { kind: 'header', name: 'x-beta' }, operator: 'in', values: ['yes'] }],
})

export const mappingBody = (
  { environment, service }: Pick<Furnished, 'environment' | 'service'>,
  name: string,
) => ({
  environmentId: environment,
  name,
  match: { path: { kind: 'exact', path: `/${name}` } },
  legacy: { serviceId: service },
  new: { serviceId: service },
})
