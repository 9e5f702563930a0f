import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import {
  agentTokenCreatedSchema,
  agentViewSchema,
  type AgentTokenInput,
  type AgentView,
} from '@crossfade/contracts/api/agents'
import { changeSchema, type Change } from '@crossfade/contracts/api/changes'
import { pageOf } from '@crossfade/contracts/api/common'
import { environmentViewSchema } from '@crossfade/contracts/api/environments'
import {
  mappingViewSchema,
  shareResultSchema,
  type MappingInput,
  type MappingView,
  type ShareResult,
} from '@crossfade/contracts/api/mappings'
import {
  rampDetailSchema,
  rampViewSchema,
  type RampCreate,
  type RampDetail,
  type RampView,
} from '@crossfade/contracts/api/ramps'
import { seriesViewSchema, type SeriesView } from '@crossfade/contracts/api/series'
import { serviceViewSchema } from '@crossfade/contracts/api/services'
import { apiClient, type ApiClient } from 'crossfade/api-client'
import { freePort } from '@crossfade/testkit/free-port'
import { asking } from './asking.ts'
import { startProgram, until, type Program } from './program.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '')

export interface ControlPlane {
  readonly url: string
  readonly port: number
  readonly dataDir: string
  readonly program: Program
  readonly api: ApiClient
}

export interface Agent {
  readonly name: string
  readonly url: string
  readonly adminUrl: string
  readonly stateDir: string
  readonly program: Program
}

/** A whole installation in a temporary folder; `close` ends every process it started. */
export interface House {
  readonly folder: string
  startControlPlane(
    env?: Readonly<Record<string, string>>,
    again?: { readonly port: number; readonly dataDir: string },
  ): Promise<ControlPlane>
  startAgent(
    name: string,
    env: Readonly<Record<string, string>>,
    again?: Pick<Agent, 'stateDir' | 'url' | 'adminUrl'>,
  ): Promise<Agent>
  /** The same without waiting until it is ready, for one that may never be. */
  launchAgent: House['startAgent']
  close(): Promise<void>
}

/** The agent as it is shipped, or another main module from the root of the repository. */
export async function openHouse(agentMain = 'apps/agent/dist/agent.mjs'): Promise<House> {
  const folder = await mkdtemp(path.join(tmpdir(), 'cf-'))
  const programs: Program[] = []

  const launchAgent: House['startAgent'] = async (name, env, again) => {
    const stateDir = again?.stateDir ?? path.join(folder, name)
    const url = again?.url ?? `http://127.0.0.1:${await freePort()}`
    const adminUrl = again?.adminUrl ?? `http://127.0.0.1:${await freePort()}`
    const program = startProgram(name, [path.join(root, agentMain)], {
      CROSSFADE_AGENT_NAME: name,
      CROSSFADE_LISTEN: new URL(url).host,
      CROSSFADE_ADMIN_LISTEN: new URL(adminUrl).host,
      CROSSFADE_STATE_DIR: stateDir,
      CROSSFADE_DRAIN_DELAY: '0',
      CROSSFADE_ADMIN_TOKEN: adminToken,
      CROSSFADE_ALLOW_NETWORKS: '127.0.0.0/8',
      ...env,
    })
    programs.push(program)
    return { name, url, adminUrl, stateDir, program }
  }

  return {
    folder,
    async startControlPlane(env = {}, again) {
      const port = again?.port ?? (await freePort())
      const dataDir = again?.dataDir ?? path.join(folder, `cp${programs.length}`)
      const url = `${env['CROSSFADE_TLS_CERT'] === undefined ? 'http' : 'https'}://127.0.0.1:${port}`
      const program = startProgram('control-plane', [path.join(root, 'apps/control-plane/src/main.ts')], {
        CROSSFADE_PORT: String(port),
        CROSSFADE_PUBLIC_URL: url,
        CROSSFADE_DATA_DIR: dataDir,
        CROSSFADE_ALLOW_NETWORKS: '127.0.0.0/8',
        ...env,
      })
      programs.push(program)
      await ready(program, url)
      return {
        url,
        port,
        dataDir,
        program,
        api: apiClient({ kind: 'socket', path: path.join(dataDir, 'local.sock') }),
      }
    },
    launchAgent,
    async startAgent(...which) {
      const agent = await launchAgent(...which)
      await ready(agent.program, agent.adminUrl)
      return agent
    },
    async close() {
      await Promise.all(programs.map((program) => program.kill('SIGKILL')))
      await rm(folder, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

export const adminToken = 'an-admin-token-for-tests-0123456789'

async function ready(program: Program, url: string): Promise<void> {
  const ask = asking(url)
  const dead = program.ended.then((code) => {
    throw new Error(
      `${program.name} ended with ${code} before it was ready:\n${program.output().slice(-3000)}`,
    )
  })
  dead.catch(() => {})
  const answered = until(
    `${program.name} ready`,
    async () => (await ask('GET', '/readyz')).status === 200,
    60_000,
  )
  await Promise.race([answered, dead]).catch((error: unknown) => {
    throw new Error(`${program.name} did not get ready:\n${program.output().slice(-3000)}`, { cause: error })
  })
}

/** The calls tests make over and over, as verbs. */
export function verbs(api: ApiClient) {
  return {
    async agentToken(environmentId = 'default', name = 'agents'): Promise<string> {
      return (await this.joinToken({ environmentId, name, uses: 'many' })).token
    },
    joinToken: (body: AgentTokenInput): Promise<z.infer<typeof agentTokenCreatedSchema>> =>
      api.call('POST', '/api/v1/agent-tokens', agentTokenCreatedSchema, { body }),
    revokeToken: (id: string): Promise<unknown> =>
      api.call('DELETE', `/api/v1/agent-tokens/${id}`, z.unknown()),
    revokeAgent: (id: string): Promise<unknown> =>
      api.call('POST', `/api/v1/agents/${id}/revoke`, z.unknown(), { body: { reason: 'test' } }),
    async service(name: string, ...urls: string[]): Promise<string> {
      return (
        await api.call('POST', '/api/v1/services', serviceViewSchema, { body: { name, instances: urls } })
      ).id
    },
    async defaultService(serviceId: string): Promise<void> {
      const environment = await api.call('GET', '/api/v1/environments/default', environmentViewSchema)
      const body = { name: environment.name, defaults: [{ host: null, serviceId }] }
      await api.call('PUT', '/api/v1/environments/default', environmentViewSchema, {
        ifMatch: environment.version,
        body,
      })
    },
    mapping: (body: MappingInput & { confirmMoves?: boolean }): Promise<MappingView> =>
      api.call('POST', '/api/v1/mappings', mappingViewSchema, { body }),
    showMapping: (id: string): Promise<MappingView> =>
      api.call('GET', `/api/v1/mappings/${id}`, mappingViewSchema),
    async share(id: string, percent: number): Promise<ShareResult> {
      const { shareVersion } = await this.showMapping(id)
      return api.call('PUT', `/api/v1/mappings/${id}/share`, shareResultSchema, {
        ifMatch: shareVersion,
        body: { percent },
      })
    },
    /** Made and started. */
    async ramp(body: RampCreate): Promise<RampView> {
      const ramp = await api.call('POST', '/api/v1/ramps', rampViewSchema, { body })
      const start = { ifMatch: ramp.version, body: {} }
      return api.call('POST', `/api/v1/ramps/${ramp.id}/start`, rampViewSchema, start)
    },
    showRamp: (id: string): Promise<RampDetail> => api.call('GET', `/api/v1/ramps/${id}`, rampDetailSchema),
    rollBack: (id: string): Promise<ShareResult> =>
      api.call('POST', `/api/v1/mappings/${id}/rollback`, shareResultSchema, { body: { reason: 'test' } }),
    /** Waits until it is shown so. */
    async agent(name: string, state: AgentView['state'], withinMs?: number): Promise<AgentView> {
      const shown = async () =>
        (await this.agents()).find((view) => view.name === name && view.state === state)
      return until(`${name} ${state}`, shown, withinMs)
    },
    async agents(): Promise<AgentView[]> {
      return (await api.call('GET', '/api/v1/agents', pageOf(agentViewSchema))).items
    },
    async changes(query = ''): Promise<Change[]> {
      return (await api.call('GET', `/api/v1/changes?limit=500${query}`, pageOf(changeSchema))).items
    },
    series: (mappingId: string, resolution = 1): Promise<SeriesView> =>
      api.call(
        'GET',
        `/api/v1/stats/series?mappingId=${mappingId}&from=${Date.now() - 600_000}&resolution=${resolution}`,
        seriesViewSchema,
      ),
    /** Waits until every named agent is online and runs at least this revision. */
    async live(revision: number, ...names: string[]): Promise<void> {
      await until(`revision ${revision} live on ${names.join(', ')}`, async () => {
        const views = await this.agents()
        return names.every((name) =>
          views.some(
            (view) =>
              view.name === name && view.state === 'online' && (view.running?.revision ?? 0) >= revision,
          ),
        )
      })
    },
  }
}

export type Verbs = ReturnType<typeof verbs>

/** What an agent says it runs, over its admin port. */
export async function runningOn(agent: Agent): Promise<number> {
  const answer = await fetch(`${agent.adminUrl}/snapshot`, {
    headers: { authorization: `Bearer ${adminToken}` },
  })
  const { header } = z
    .looseObject({ header: z.looseObject({ revision: z.int() }) })
    .parse(await answer.json())
  return header.revision
}
