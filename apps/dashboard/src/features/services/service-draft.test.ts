import { describe, expect, it } from 'vitest'
import { serviceInputSchema, serviceViewSchema } from '@crossfade/contracts/api/services'
import { draftOfService, emptyService, inputOfService, serviceFieldOf } from './service-draft.ts'

describe('editing a service', () => {
  it('sends what is stored when nothing is edited', () => {
    const { name, instances, health, timeouts, pool, tls, outlier, slowStartMs, retry } = stored
    expect(serviceInputSchema.parse(inputOfService(draftOfService(stored)))).toEqual({
      name,
      instances,
      health,
      timeouts,
      pool,
      tls,
      outlier,
      slowStartMs,
      retry,
    })
  })

  it('starts with values the contract accepts once name and address are there', () => {
    const draft = { ...emptyService(), name: 'books', instances: [' http://127.0.0.1:4601 ', ''] }
    expect(serviceInputSchema.parse(inputOfService(draft)).instances).toEqual(['http://127.0.0.1:4601'])
  })

  it('asks for a number where the field was emptied', () => {
    const draft = { ...emptyService(), name: 'books', instances: ['http://a'], connectMs: '' }
    const [issue] = serviceInputSchema.safeParse(inputOfService(draft)).error?.issues ?? []
    expect(serviceFieldOf(issue?.path.join('.') ?? '')).toBe('connectMs')
  })

  it.each([
    ['instances.1', 'instances.1'],
    ['instances', 'instances'],
    ['health.path', 'healthPath'],
    ['tls.serverName', 'serverName'],
    ['tls.ca', 'ca'],
    ['tls.clientCertificate', 'clientCertificate'],
    ['pool.connectionsPerInstance', 'connections'],
  ])('puts the error of %s on %s', (path, field) => {
    expect(serviceFieldOf(path)).toBe(field)
  })
})

const stored = serviceViewSchema.parse({
  id: 's1',
  environmentId: 'default',
  version: 2,
  createdAt: '2026-01-01T00:00:00Z',
  updatedAt: '2026-01-01T00:00:00Z',
  name: 'books',
  instances: ['http://10.0.0.7:8080', 'https://books.internal'],
  health: null,
  timeouts: { connectMs: 100, firstByteMs: 200, idleMs: 300 },
  pool: { connectionsPerInstance: 7, maxPending: 9, pendingTimeoutMs: 400 },
  outlier: null,
  slowStartMs: 500,
  retry: { tries: 3, budgetPercent: 10, minPerSecond: 1 },
  tls: {
    verify: false,
    serverName: 'books',
    ca: '-----BEGIN CERTIFICATE-----\nTUlJ\n-----END CERTIFICATE-----\n',
    clientCertificate: 'edge',
  },
})
