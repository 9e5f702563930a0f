import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { agentTokenCreatedSchema } from '@crossfade/contracts/api/agents'
import { mappingViewSchema, shareResultSchema, type MappingView } from '@crossfade/contracts/api/mappings'
import { serviceViewSchema } from '@crossfade/contracts/api/services'
import { freePort } from '@crossfade/testkit/free-port'
import { apiClient, type ApiClient } from 'crossfade/api-client'
import { quantile, table } from './machine.ts'
import { answers, start, stop } from './processes.ts'
import { simulatedAgent, type SimulatedAgent } from './simulated-agent.ts'
import { simulatedJoin } from './simulated-join.ts'

const agentCount = 200
const mappingCount = 1_000
const slides = 30

/** From the slider's request to the last of 200 agents, and the same for a roll back, with 1 000 mappings. */
export async function sliderBench(): Promise<string> {
  const folder = mkdtempSync(path.join(tmpdir(), 'cf-bench-'))
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const main = new URL('../../apps/control-plane/src/main.ts', import.meta.url).pathname
  const controlPlane = start('0', [process.execPath, main], {
    CROSSFADE_PORT: String(port),
    CROSSFADE_DATA_DIR: folder,
    CROSSFADE_ALLOW_NETWORKS: '127.0.0.0/8',
    CROSSFADE_LOG_LEVEL: 'error',
  })
  await answers(`${url}/readyz`)
  const api = apiClient({ kind: 'socket', path: path.join(folder, 'local.sock') })
  const mapping = await enterMappings(api)
  const { token } = await api.call('POST', '/api/v1/agent-tokens', agentTokenCreatedSchema, {
    body: { name: 'bench', uses: 'many' },
  })

  const watch = arrivals()
  const agents: SimulatedAgent[] = []
  for (let index = 0; index < agentCount; index++) {
    const name = `simulated-${index}`
    const assertion = await simulatedJoin(url, token, name)
    agents.push(simulatedAgent(url, assertion, name, (revision) => watch.arrived(index, revision)))
  }
  await Promise.all(agents.map(({ ready }) => ready))

  let { shareVersion } = mapping
  const raised = await timed(slides, watch, async (round) => {
    const body = { percent: 1 + round * 2 }
    const result = await api.call('PUT', `/api/v1/mappings/${mapping.id}/share`, shareResultSchema, {
      ifMatch: shareVersion,
      body,
    })
    shareVersion = result.shareVersion
    return result.revision
  })
  const rolledBack = await timed(slides, watch, async (round) => {
    const body = { percent: 10 + round }
    const set = await api.call('PUT', `/api/v1/mappings/${mapping.id}/share`, shareResultSchema, {
      ifMatch: shareVersion,
      body,
    })
    await watch.all(set.revision)
    watch.restart()
    const result = await api.call('POST', `/api/v1/mappings/${mapping.id}/rollback`, shareResultSchema, {
      body: {},
    })
    shareVersion = result.shareVersion
    return result.revision
  })

  for (const agent of agents) agent.close()
  await stop(controlPlane)
  rmSync(folder, { recursive: true, force: true })
  return [
    `## From the slider to ${agentCount} simulated agents, ${mappingCount} mappings (ms, ${slides} times each)`,
    '',
    table([
      ['act', 'p50', 'p99', 'slowest agent, worst round'],
      row('slider', raised),
      row('roll back', rolledBack),
    ]),
  ].join('\n')
}

/** When each agent first had a revision or a newer one, since the last `restart`. */
function arrivals() {
  let since = performance.now()
  let latest: { revision: number; ms: number }[] = []
  let waiting: (() => void) | null = null
  const has = (revision: number) => latest.filter((one) => one && one.revision >= revision)
  return {
    restart() {
      since = performance.now()
      latest = []
    },
    arrived(agent: number, revision: number) {
      const known = latest[agent]
      if (known === undefined || known.revision < revision)
        latest[agent] = { revision, ms: performance.now() - since }
      waiting?.()
    },
    /** Ms of every agent, once all have it. */
    async all(revision: number): Promise<number[]> {
      while (has(revision).length < agentCount) {
        await new Promise<void>((resolve) => {
          waiting = resolve
        })
      }
      return has(revision).map(({ ms }) => ms)
    },
  }
}

async function timed(
  rounds: number,
  watch: ReturnType<typeof arrivals>,
  act: (round: number) => Promise<number>,
): Promise<number[][]> {
  const all: number[][] = []
  for (let round = 0; round < rounds; round++) {
    watch.restart()
    all.push(await watch.all(await act(round)))
  }
  return all
}

function row(name: string, rounds: readonly (readonly number[])[]): string[] {
  const sorted = rounds.flat().toSorted((a, b) => a - b)
  return [
    name,
    quantile(sorted, 0.5).toFixed(0),
    quantile(sorted, 0.99).toFixed(0),
    Math.max(...sorted).toFixed(0),
  ]
}

async function enterMappings(api: ApiClient): Promise<MappingView> {
  const service = async (name: string, instance: string) =>
    (await api.call('POST', '/api/v1/services', serviceViewSchema, { body: { name, instances: [instance] } }))
      .id
  const legacy = await service('legacy', 'http://127.0.0.1:18001')
  const replacement = await service('new', 'http://127.0.0.1:18080')
  let first: MappingView | null = null
  for (let index = 0; index < mappingCount; index++) {
    const view = await api.call('POST', '/api/v1/mappings', mappingViewSchema, {
      body: {
        name: `mapping ${index}`,
        match: { path: { kind: 'prefix', path: `/section-${index}` } },
        legacy: { serviceId: legacy },
        new: { serviceId: replacement },
      },
    })
    first ??= view
  }
  if (first === null) throw new Error('No mapping was made')
  return first
}
