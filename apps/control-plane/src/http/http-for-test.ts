import { randomBytes, randomUUID } from 'node:crypto'
import { Registry } from '@prometheus-io/client'
import type { AgentView } from '@crossfade/contracts/api/agents'
import { Problem } from '@crossfade/contracts/problems'
import { everywhere, roles, type Role } from '@crossfade/contracts/roles'
import { anyNetwork } from '@crossfade/core/address-policy'
import { systemClock } from '@crossfade/runtime/clock'
import { createLogger } from '@crossfade/runtime/logger'
import { manualClock, type ManualClock } from '@crossfade/testkit/manual-clock'
import { testAuditKeys } from '../audit/audit-keys-for-test.ts'
import { createAudit } from '../audit/audit.ts'
import type { Witnesses } from '../audit/witnesses.ts'
import { createActs, type Acts } from '../acts/acts.ts'
import type { Admitted } from '../link/hub-types.ts'
import type { Socket } from '../link/socket.ts'
import { createNotifications } from '../notifications/notifications.ts'
import { createPeople, type People } from '../people/people.ts'
import { cheapPasswords, testKeys } from '../people/people-for-test.ts'
import { systemAuthor } from '../store/author.ts'
import { openStoreForTest } from '../store/open-for-test.ts'
import type { Store } from '../store/store.ts'
import { buildHttp, type Http } from './build-http.ts'
import type { HttpParts } from './http-parts.ts'

export const publicUrl = 'http://crossfade.test:4400'

export interface HttpHouse extends Http {
  readonly store: Store
  readonly acts: Acts
  readonly people: People
  readonly clock: ManualClock
  readonly parts: HttpParts
  /** One API token for each role. */
  readonly tokens: Readonly<Record<Role, string>>
  /** What reached the hub and the live feed. */
  readonly links: { readonly socket: Socket; readonly admitted: Admitted }[]
  readonly droppedTokens: string[]
  readonly feeds: { readonly socket: Socket; readonly environmentId: string; hasEnded: boolean }[]
  /** Asks as a role, or as nobody. */
  ask(role: Role | null, method: Method, url: string, options?: AskOptions): Promise<Answer>
  close(): Promise<void>
}

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'
export interface AskOptions {
  readonly body?: unknown
  /** Sent as it is, as application/json. */
  readonly text?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly version?: number
}
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly body: Readonly<Record<string, unknown>>
  readonly text: string
  /** Of what the answer is about; empty for a list. */
  readonly id: string
}

/** The real API on a real store, with everything that needs agents replaced by a note of what was asked. */
export async function openHttp(options: Partial<HttpParts> = {}): Promise<HttpHouse> {
  // Cookies carry dates that the session plugin compares with real ones.
  const clock = manualClock(systemClock.now())
  const store = await openStoreForTest()
  const people = createPeople({
    store,
    clock,
    publicUrl,
    keys: testKeys,
    passwordCost: cheapPasswords,
  })
  const acts = createActs({ store, clock, random: randomBytes, addresses: anyNetwork })
  const notifications = createNotifications({
    store,
    keys: testAuditKeys,
    addresses: anyNetwork,
    publicUrl,
    version: 'test',
    newId: randomUUID,
    random: randomBytes,
    clock,
    logger: createLogger('test', 'silent'),
  })
  const links: HttpHouse['links'] = []
  const droppedTokens: string[] = []
  const feeds: HttpHouse['feeds'] = []
  const parts: HttpParts = {
    store,
    acts,
    people,
    webhooks: notifications.webhooks,
    clock,
    fleet: noFleet,
    series: noSeries,
    audit: createAudit({ store, keys: testAuditKeys, witnesses: noWitnesses, publicKeys: [] }),
    publisher: noPublisher,
    rollBack: {
      mapping: (author, id, reason) => acts.shares.rollBack(author, 'mapping', id, reason),
      group: (author, id, reason) => acts.shares.rollBack(author, 'group', id, reason),
      environment: (author, id, reason) => acts.shares.rollBackEnvironment(author, id, reason),
    },
    link: {
      accept: (socket, admitted) => void links.push({ socket, admitted }),
      sendOverlay: () => {},
      dropToken: (tokenId) => void droppedTokens.push(tokenId),
      dropAgent: () => {},
      converged: () => {
        throw new Problem('not_found')
      },
      watch: () => {},
      onConvergence: () => () => {},
    },
    live: {
      accept(socket, { environmentId, until }) {
        const feed = { socket, environmentId, hasEnded: false }
        feeds.push(feed)
        until?.(() => {
          feed.hasEnded = true
          socket.close(1008)
        })
      },
    },
    settings: { publicUrl },
    logger: createLogger('test', 'silent'),
    version: '0.0.0-test',
    dashboardDir: null,
    tls: null,
    metrics: new Registry(),
    ...options,
  }
  const http = await buildHttp(parts)
  const tokens = await tokensForRoles(people)
  return {
    ...http,
    store,
    acts,
    people,
    clock,
    parts,
    tokens,
    links,
    droppedTokens,
    feeds,
    ask: (role, method, url, asked = {}) =>
      ask(http, method, url, {
        ...asked,
        headers: { ...(role && { authorization: `Bearer ${tokens[role]}` }), ...asked.headers },
      }),
    close: async () => {
      await http.app.close()
      await store.close()
    },
  }
}

/** One request without a network. */
export async function ask(
  { app }: Http,
  method: Method,
  url: string,
  { body, text, headers = {}, version }: AskOptions = {},
): Promise<Answer> {
  const payload = text ?? (body === undefined ? undefined : JSON.stringify(body))
  const response = await app.inject({
    method,
    url: url.startsWith('/') ? url : `/api/v1/${url}`,
    headers: {
      ...(payload !== undefined && { 'content-type': 'application/json' }),
      ...(version !== undefined && { 'if-match': `"${version}"` }),
      ...headers,
    },
    ...(payload !== undefined && { payload }),
  })
  const document = isJson(response.headers['content-type']) ? response.json<Record<string, unknown>>() : {}
  return {
    status: response.statusCode,
    headers: response.headers,
    text: response.body,
    body: document,
    id: typeof document['id'] === 'string' ? document['id'] : '',
  }
}

function isJson(type: unknown): boolean {
  return typeof type === 'string' && /[/+]json\b/.test(type)
}

async function tokensForRoles(people: People): Promise<Record<Role, string>> {
  const tokens: Partial<Record<Role, string>> = {}
  for (const role of roles) {
    const created = await people.apiTokens.create(systemAuthor, {
      name: `a ${role}`,
      access: everywhere(role),
      expiresAt: null,
    })
    tokens[role] = created.token
  }
  return tokens as Record<Role, string>
}

const noFleet: HttpParts['fleet'] = {
  views: async () => [],
  view: async (): Promise<AgentView> => {
    throw new Problem('not_found')
  },
  revoke: async () => {
    throw new Problem('not_found')
  },
  retire: async () => {
    throw new Problem('not_found')
  },
  clearEmergency: async () => {
    throw new Problem('not_found')
  },
  onView: () => () => {},
  onEnded: () => () => {},
}

const noSeries: HttpParts['series'] = {
  series: async ({ from, to = from }) => ({ resolution: 1, from, to, legacy: [], new: [] }),
  overview: async () => ({ at: 0, resolution: 10, mappings: {} }),
  clients: async () => ({ from: 0, to: 0, clients: [] }),
  paths: async () => ({ from: 0, paths: [], refused: [] }),
}

const noWitnesses: Witnesses = { heard: async () => {}, all: () => [], contradictions: () => [] }

const noPublisher: HttpParts['publisher'] = {
  keys: testKeys,
  current: () => null,
  all: () => [],
  newest: async () => null,
  deltaSince: () => null,
  onPublished: () => () => {},
}
