import type { AgentView } from '@crossfade/contracts/api/agents'
import { describe, expect, it } from 'vitest'
import { agentView as viewOf } from '../../testing/views.ts'
import { openBreakers, shedWords } from './protection-words.ts'

const agentView = ({ name = 'edge-1', ...more }: Partial<AgentView>) => ({ ...viewOf(name), ...more })
const open = { mappingId: 'books', side: 'new', state: 'open' } as const

describe('what protects a mapping', () => {
  it('names the side that agents do not ask, and the agents', () => {
    const agents = [agentView({ name: 'edge-1', breakers: [open] }), agentView({ name: 'edge-2' })]
    expect(openBreakers(agents, 'books')).toEqual([
      { side: 'new', words: 'new fails too often, says edge-1' },
    ])
    expect(openBreakers(agents, 'carts')).toEqual([])
  })

  it('says so when it is every agent, and forgets those that are away', () => {
    const both = [
      agentView({ name: 'edge-1', breakers: [open] }),
      agentView({ name: 'edge-2', breakers: [open] }),
    ]
    expect(openBreakers(both, 'books')[0]?.words).toBe('new fails too often, says every agent')
    expect(openBreakers([agentView({ state: 'offline', breakers: [open] })], 'books')).toEqual([])
  })

  it('sums what was kept away over agents, the most first', () => {
    const shed = (what: string, count: number) => ({ mappingId: 'books', what, count })
    const agents = [
      agentView({ shed: [shed('rate_limited', 2), shed('read_through', 1200)] }),
      agentView({ shed: [shed('rate_limited', 3), { mappingId: 'carts', what: 'failed', count: 9 }] }),
    ]
    expect(shedWords(agents, 'books')).toEqual(['1,200 read through to legacy', '5 above a rate limit (429)'])
  })
})
