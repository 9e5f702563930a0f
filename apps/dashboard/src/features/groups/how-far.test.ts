import { describe, expect, it } from 'vitest'
import type { AgentView } from '@crossfade/contracts/api/agents'
import { howFarText } from './how-far.ts'

describe('how far a share is', () => {
  it('names the agents that still wait', () => {
    expect(howFarText([at('edge-1', 7), at('edge-2', 6)], 7)).toBe(
      'Accepted, live on 1 of 2 agents, waiting for edge-2',
    )
  })

  it('says live only when all have it', () => {
    expect(howFarText([at('edge-1', 7), at('edge-2', 8)], 7)).toBe('Live on 2 of 2 agents')
  })

  it('counts a roll back that overtook a refused snapshot', () => {
    expect(howFarText([{ ...at('edge-1', 3), overlayRevision: 7 }], 7)).toBe('Live on 1 of 1 agent')
  })

  it('says so when nobody is there', () => {
    expect(howFarText([{ ...at('edge-1', 7), state: 'offline' }], 7)).toContain('no agent is connected')
  })
})

function at(name: string, revision: number): AgentView {
  return {
    id: name,
    environmentId: 'default',
    name,
    version: null,
    state: 'online',
    connectedAt: null,
    lastSeenAt: null,
    running: { epoch: 'e', revision, hash: 'h' },
    expected: { epoch: 'e', revision },
    inStep: true,
    overlayRevision: null,
    refusal: null,
    clockOffsetMs: null,
    requestsPerSecond: null,
    connections: null,
    inFlight: null,
    eventLoopDelayMs: null,
    draining: false,
    health: {},
    emergencies: [],
    warnings: [],
  }
}
