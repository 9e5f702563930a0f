import { tokenInput } from '../people/people-for-test.ts'
import { systemAuthor } from '../store/author.ts'
import {
  mappingBody,
  segmentBody,
  serviceBody,
  webhookBody,
  type AccessScene,
  type Furnished,
} from './access-scene-for-test.ts'

/** A request that is right in all but who sends it, and what in it names the environment. */
export interface Sample {
  readonly path: string
  readonly body?: object
}

let made = 0
const unique = (what: string) => `${what}-${++made}`

/**
 * What to send to a route about something in `place`. Where a write would change the scene it lacks its If-Match:
 * whoever may do it hears that a version is required.
 */
export async function sampleOf(route: string, { house }: AccessScene, place: Furnished): Promise<Sample> {
  const [method = '', path = ''] = route.split(' ')
  const body = bodies[route]?.(place)
  const url = path
    .replace(':emergencyId', 'none')
    .replace(':keyId', 'none')
    .replace(':seq', place.change)
    .replace('/deliveries/:id', `/deliveries/${place.delivery}`)
    .replace('/agent-tokens/:id', () => '/agent-tokens/:fresh')
    .replace(/^\/(\w+)s\/:id/, (_all, kind: string) => `/${kind}s/${idIn(place, kind)}`)
  const query = method === 'GET' ? (queries[path]?.(place) ?? '') : ''
  if (!url.includes(':fresh')) return { path: url.slice(1) + query, ...(body && { body }) }
  const { id } = await house.people.agentTokens.create(
    systemAuthor,
    tokenInput('many', unique('edge'), place.environment),
  )
  return { path: url.slice(1).replace(':fresh', id) }
}

function idIn(place: Furnished, kind: string): string {
  const ids = place as unknown as Readonly<Record<string, string>>
  return ids[kind] ?? 'a'.repeat(64)
}

const inEnvironment = ({ environment }: Furnished) => `?environmentId=${environment}`
const queries: Readonly<Record<string, (place: Furnished) => string>> = {
  '/environments': inEnvironment,
  '/services': inEnvironment,
  '/mappings': inEnvironment,
  '/groups': inEnvironment,
  '/segments': inEnvironment,
  '/ramps': inEnvironment,
  '/freezes': inEnvironment,
  '/approvals': inEnvironment,
  '/cohorts': inEnvironment,
  '/agents': inEnvironment,
  '/agent-tokens': inEnvironment,
  '/changes': inEnvironment,
  '/webhooks': inEnvironment,
  '/stats/overview': inEnvironment,
  '/stats/series': ({ mapping }) => `?mappingId=${mapping}&from=1`,
  '/stats/paths': ({ mapping }) => `?mappingId=${mapping}`,
  '/stats/clients': ({ mapping }) => `?mappingId=${mapping}`,
  '/snapshot': inEnvironment,
  '/live': inEnvironment,
}

const plan = { stages: [{ percent: 10, holdMs: 60_000 }] }
const window = { kind: 'once', from: '2026-01-01T00:00:00Z', until: '2026-01-02T00:00:00Z' }
const guardrail = {
  id: 'errors',
  name: 'Errors',
  metric: { kind: 'error-rate' },
  limit: { kind: 'absolute', max: 0.05 },
}
const access = { everywhere: 'viewer', environments: [] }
const bodies: Readonly<Record<string, (place: Furnished) => object>> = {
  'POST /session': () => ({ email: 'nobody@example.com', password: 'not the one' }),
  'POST /links/accept': () => ({ token: 'x'.repeat(43), name: 'x', password: 'correct horse' }),
  'POST /links/inspect': () => ({ token: 'x'.repeat(43) }),
  'POST /links/sign-in': () => ({ token: 'x'.repeat(43) }),
  'POST /environments': () => ({ name: unique('environment') }),
  'PUT /environments/:id': ({ name }) => ({ name }),
  'POST /environments/:id/api-keys': () => ({ name: unique('key') }),
  'PUT /environments/:id/line': () => ({ stopped: false }),
  'PUT /environments/:id/protection': () => ({}),
  'POST /approvals': ({ environment, mapping }) => ({
    environmentId: environment,
    change: { act: 'share', target: { kind: 'mapping', id: mapping }, percent: 50, ifVersion: 1 },
  }),
  'PUT /approvals/:id': ({ mapping }) => ({
    change: { act: 'share', target: { kind: 'mapping', id: mapping }, percent: 60, ifVersion: 1 },
  }),
  'POST /approvals/:id/approve': () => ({}),
  'POST /approvals/:id/decline': () => ({ reason: 'x' }),
  'POST /mappings/:id/point-of-no-return': () => ({ reason: 'x' }),
  'POST /groups/:id/point-of-no-return': () => ({ reason: 'x' }),
  'POST /freezes': ({ environment }) => ({ environmentId: environment, name: unique('freeze'), window }),
  'PUT /freezes/:id': () => ({ name: 'x', window }),
  'POST /services': ({ environment }) => serviceBody(environment, unique('service')),
  'PUT /services/:id': () => ({ name: 'x', instances: ['http://10.0.0.7'] }),
  'POST /mappings': (place) => mappingBody(place, unique('mapping')),
  'POST /mappings/preview': (place) => mappingBody(place, 'previewed'),
  'PUT /mappings/:id': (place) => {
    const { environmentId: _none, ...body } = mappingBody(place, 'x')
    return body
  },
  'PUT /mappings/:id/share': () => ({ percent: 10 }),
  'POST /mappings/:id/share/preview': () => ({ percent: 10 }),
  'POST /groups': ({ environment }) => ({ environmentId: environment, name: unique('group') }),
  'PUT /groups/:id': () => ({ name: 'x' }),
  'PUT /groups/:id/share': () => ({ percent: 10 }),
  'POST /groups/:id/share/preview': () => ({ percent: 10 }),
  'POST /ramps': ({ environment, mapping }) => ({
    environmentId: environment,
    target: { kind: 'mapping', id: mapping },
    template: 'quick',
  }),
  'PUT /ramps/:id': () => ({ plan }),
  'POST /ramps/forecast': ({ environment, mapping }) => ({
    environmentId: environment,
    target: { kind: 'mapping', id: mapping },
    plan,
  }),
  'POST /guardrails/trial': ({ environment, mapping }) => ({
    environmentId: environment,
    mappingId: mapping,
    guardrail,
  }),
  'POST /ramps/:id/start': () => ({}),
  'POST /ramps/:id/pause': () => ({}),
  'POST /ramps/:id/resume': () => ({}),
  'POST /ramps/:id/resume-from-here': () => ({}),
  'POST /ramps/:id/advance': () => ({ leaving: 7 }),
  'POST /ramps/:id/skip': () => ({ leaving: 7, to: 9 }),
  'POST /ramps/:id/hold-longer': () => ({ leaving: 7, ms: 1_000 }),
  'POST /ramps/:id/checklist': () => ({ leaving: 7, itemId: 'none', done: true }),
  'POST /ramps/:id/approve': () => ({ leaving: 7 }),
  'POST /ramps/:id/stop': () => ({}),
  'POST /ramps/:id/step-back': () => ({}),
  'POST /ramps/:id/note': () => ({ text: 'seen' }),
  'POST /segments': ({ environment }) => segmentBody(environment, unique('segment')),
  'PUT /segments/:id': () => {
    const { environmentId: _none, ...body } = segmentBody('', 'x')
    return body
  },
  'POST /webhooks': ({ environment }) => webhookBody(environment, unique('webhook')),
  'PUT /webhooks/:id': () => {
    const { environmentId: _none, kind: _kind, ...body } = webhookBody('', 'x')
    return { ...body, enabled: true }
  },
  'POST /webhooks/:id/rotate': () => ({}),
  'POST /changes/verification': () => ({}),
  'POST /agent-tokens': ({ environment }) => ({ environmentId: environment, name: unique('edge') }),
  'POST /agents/:id/revoke': () => ({}),
  'POST /agents/join': () => ({
    token: `cfa_none_${'x'.repeat(32)}_${'0'.repeat(32)}`,
    name: 'x',
    publicKey: `${'A'.repeat(43)}=`,
    proof: 'none',
  }),
  'POST /users': () => ({ email: `${unique('u')}@example.com`, access }),
  'PUT /users/:id': () => ({ name: 'x' }),
  'POST /tokens': () => ({ name: unique('t'), access }),
  'PUT /account/password': () => ({ current: 'x', next: 'correct horse' }),
  'POST /explain': ({ environment }) => ({ environmentId: environment, url: '/x' }),
  'POST /local/link': () => ({}),
}
