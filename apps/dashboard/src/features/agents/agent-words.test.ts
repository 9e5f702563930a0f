import { describe, expect, it } from 'vitest'
import type { AgentView } from '@crossfade/contracts/api/agents'
import { lagOf, revisionText, sortAgents, stateOf, worriesOf } from './agent-words.ts'
import { installLines } from './install-lines.ts'

describe('an agent in words', () => {
  it('says what an offline agent does meanwhile', () => {
    const away = agent({ state: 'offline', running: { epoch: 'e', revision: 41, hash: 'h' } })
    expect(stateOf(away).sentence).toContain('Keeps serving its last snapshot, revision 41, for ever')
    expect(stateOf(agent({ state: 'offline', running: null })).sentence).toContain('serves nothing')
  })

  it('counts how far behind it is, but not across epochs', () => {
    const behind = agent({ running: { epoch: 'e', revision: 40, hash: 'h' }, inStep: false })
    expect([revisionText(behind), lagOf(behind), stateOf(behind).word]).toEqual([
      '40 of 43',
      3,
      'Catching up',
    ])
    const other = agent({ running: { epoch: 'old', revision: 99, hash: 'h' } })
    expect([revisionText(other), lagOf(other)]).toEqual(['99 of another epoch', null])
  })

  it('names refusals, emergencies, clocks and busy loops', () => {
    const troubled = agent({
      refusal: {
        at: '2026-01-01T00:00:00Z',
        phase: 'semantic',
        errors: [{ path: 'mappings.0', message: 'no' }],
      },
      clockOffsetMs: -2_500,
      eventLoopDelayMs: 250,
      warnings: ['disk is nearly full'],
    })
    expect(worriesOf(troubled)).toEqual([
      'mappings.0: no',
      'Its clock is 2.50 s behind',
      'Its event loop is late by 250 ms: it has too much to do',
      'disk is nearly full',
    ])
  })

  it('puts trouble first and the retired last', () => {
    const list = [
      agent({ name: 'edge-10' }),
      agent({ name: 'gone', state: 'retired' }),
      agent({ name: 'edge-2' }),
      agent({ name: 'lost', state: 'offline' }),
    ]
    expect(sortAgents(list).map(({ name }) => name)).toEqual(['lost', 'edge-2', 'edge-10', 'gone'])
  })
})

describe('lines that install an agent', () => {
  it('carry address, token and name, quoted for a shell where needed', () => {
    const lines = installLines({ controlUrl: 'https://cf.example', token: 'cfa_a_b_c', name: "Jon's edge" })
    expect(lines.map(({ id }) => id)).toEqual(['npx', 'env', 'systemd', 'docker'])
    for (const { text } of lines) expect(text).toContain('cfa_a_b_c')
    expect(lines[0]?.text).toContain(`CROSSFADE_AGENT_NAME='Jon'\\''s edge'`)
  })
})

function agent(edit: Partial<AgentView>): AgentView {
  return {
    id: edit.name ?? 'a',
    environmentId: 'default',
    name: 'edge-1',
    version: '0.1.0',
    state: 'online',
    connectedAt: null,
    lastSeenAt: null,
    joinedAt: null,
    credential: null,
    duplicateAt: null,
    running: { epoch: 'e', revision: 43, hash: 'h' },
    expected: { epoch: 'e', revision: 43 },
    inStep: true,
    overlayRevision: null,
    refusal: null,
    clockOffsetMs: 3,
    requestsPerSecond: 10,
    connections: 1,
    inFlight: 0,
    eventLoopDelayMs: 1,
    draining: false,
    health: {},
    emergencies: [],
    warnings: [],
    ...edit,
  }
}
