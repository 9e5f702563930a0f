import { policySchema } from '@crossfade/contracts/entities'
import type { AgentView } from '@crossfade/contracts/api/agents'
import type { MappingView, ShareResult } from '@crossfade/contracts/api/mappings'

/** A mapping for tests, with what matters to them. */
export function mappingView(more: Partial<MappingView> = {}): MappingView {
  const rewrite = { path: null, query: { set: {}, drop: [] }, headers: { set: {}, drop: [] }, mapBack: true }
  return {
    id: 'books',
    environmentId: 'default',
    version: 1,
    shareVersion: 3,
    createdAt: '2026-01-01T00:00:00.000Z',
    updatedAt: '2026-01-01T00:00:00.000Z',
    name: 'books',
    owner: 'catalogue',
    description: '',
    match: { methods: ['GET'], host: null, path: { kind: 'template', template: '/v2/books/:id' } },
    legacy: { serviceId: 'old', rewrite, host: { kind: 'client' } },
    new: { serviceId: 'fresh', rewrite, host: { kind: 'service' } },
    split: {
      kind: 'own',
      percent: 10,
      cohort: { id: 'c1', name: 'books' },
      identity: { kind: 'request' },
      missing: 'legacy',
    },
    segments: [],
    writes: { kind: 'with-share' },
    pointOfNoReturn: false,
    originalUriOnAnswers: false,
    policy: policySchema.parse({}),
    lastChange: null,
    ...more,
  }
}

export function shareResult(more: Partial<ShareResult> = {}): ShareResult {
  return {
    kind: 'mapping',
    id: 'books',
    name: 'books',
    percent: 15,
    percentBefore: 10,
    shareVersion: 4,
    revision: 8,
    changed: true,
    mappingIds: ['books'],
    recorded: true,
    ...more,
  }
}

/** A connected agent at revision 3 of epoch e1. */
export const agentView = (name: string, more: Partial<AgentView> = {}): AgentView => ({
  id: name,
  environmentId: 'default',
  name,
  version: '0.1.0',
  state: 'online',
  connectedAt: null,
  lastSeenAt: null,
  joinedAt: null,
  credential: null,
  duplicateAt: null,
  running: { epoch: 'e1', revision: 3, hash: 'h' },
  expected: { epoch: 'e1', revision: 3 },
  inStep: true,
  overlayRevision: null,
  refusal: null,
  clockOffsetMs: 0,
  requestsPerSecond: 0,
  connections: 0,
  inFlight: 0,
  eventLoopDelayMs: 0,
  draining: false,
  health: {},
  emergencies: [],
  warnings: [],
  ...more,
})
