import { describe, expect, it } from 'vitest'
import type { AgentView } from '@crossfade/contracts/api/agents'
import { healthOf, healthWords } from './service-health.ts'

describe('the health of a service as agents see it', () => {
  it('is healthy when every online agent sees every instance healthy', () => {
    expect(
      words([agent('edge-1', { healthy: 2, total: 2 }), agent('edge-2', { healthy: 2, total: 2 })]),
    ).toBe('Healthy')
  })

  it('names the agents that see trouble', () => {
    expect(
      words([agent('edge-1', { healthy: 2, total: 2 }), agent('edge-2', { healthy: 1, total: 2 })]),
    ).toBe('3 of 4 healthy, trouble on edge-2')
  })

  it('is down when nobody sees a healthy instance', () => {
    expect(words([agent('edge-1', { healthy: 0, total: 1 })])).toBe('Down on edge-1')
  })

  it('says nothing on the word of agents that are away', () => {
    expect(words([{ ...agent('edge-1', { healthy: 0, total: 1 }), state: 'offline' }])).toBe('Not known')
  })
})

function words(agents: AgentView[]): string {
  return healthWords(healthOf('s1', agents)).text
}

function agent(name: string, health: { healthy: number; total: number }): AgentView {
  return {
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
    running: null,
    expected: { epoch: 'e', revision: 1 },
    inStep: true,
    overlayRevision: null,
    refusal: null,
    clockOffsetMs: null,
    requestsPerSecond: null,
    connections: null,
    inFlight: null,
    eventLoopDelayMs: null,
    draining: false,
    health: { s1: health },
    emergencies: [],
    warnings: [],
  }
}
