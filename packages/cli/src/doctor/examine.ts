import { parseJson } from '@crossfade/runtime/safe-json'
import { lookup } from 'node:dns/promises'
import { statSync } from 'node:fs'
import path from 'node:path'
import { z } from 'zod'
import { accessText } from '@crossfade/contracts/access-text'
import { agentViewSchema, type AgentView } from '@crossfade/contracts/api/agents'
import { environmentViewSchema } from '@crossfade/contracts/api/environments'
import { meSchema } from '@crossfade/contracts/api/people'
import { apiClient, exchange, type Answer, type Endpoint } from '../api-client.ts'
import { listAll } from '../commands/find.ts'
import { CommandError, type World } from '../world.ts'
import { bareAddress, shownSettings } from './hidden.ts'
import { agentFindings, clockFinding, finding, notes, type Finding, type Report } from './report.ts'

/** Looks at everything that can be seen from here; what cannot be reached is a finding, not an error. */
export async function examine(
  world: World,
  endpoint: Endpoint,
  agentUrls: readonly string[],
): Promise<Report> {
  const fleet: { environment: string; agent: AgentView }[] = []
  const findings = [
    finding.ok('command', `Node ${world.nodeVersion}`),
    ...credentialsFile(world),
    ...(await addressOf(endpoint)),
    ...(await controlPlane(world, endpoint)),
    ...(await rights(endpoint, fleet)),
    ...fleet.flatMap(({ agent }) => agentFindings(agent)),
    ...(await Promise.all(agentUrls.map((url) => adminPort(url)))),
  ]
  const agents = fleet.map(({ environment, agent }) => ({
    environment,
    name: agent.name,
    state: agent.state,
    revision: agent.running?.revision ?? null,
    expected: agent.expected.revision,
    version: agent.version,
  }))
  return { findings, agents, settings: shownSettings(world.env), notes }
}

function credentialsFile({ configDir }: World): Finding[] {
  const file = path.join(configDir, 'credentials.json')
  const mode = (statSync(file, { throwIfNoEntry: false })?.mode ?? 0) & 0o777
  if ((mode & 0o077) === 0) return []
  return [finding.warning('credentials', `${file} can be read by others; run chmod 600 on it`)]
}

async function addressOf(endpoint: Endpoint): Promise<Finding[]> {
  if (endpoint.kind === 'socket') return [finding.ok('address', `the local socket ${endpoint.path}`)]
  const url = URL.parse(endpoint.url)
  if (url === null) return [finding.failed('address', 'this is not an address')]
  const shown = bareAddress(endpoint.url)
  try {
    const found = await lookup(url.hostname.replace(/^\[|\]$/g, ''), { all: true })
    const plain = url.protocol === 'http:' && found.some(({ address }) => !/^(127\.|::1$)/.test(address))
    const says = `${shown} is ${found.map(({ address }) => address).join(', ')}`
    return [
      plain
        ? finding.warning('address', `${says}; your token travels unencrypted`)
        : finding.ok('address', says),
    ]
  } catch {
    return [finding.failed('address', `${url.hostname} has no address`)]
  }
}

async function controlPlane(world: World, endpoint: Endpoint): Promise<Finding[]> {
  const sentAt = world.now()
  const ready = await knock(endpoint, '/readyz')
  const heardAt = world.now()
  if (typeof ready === 'string') return [finding.failed('control plane', ready)]
  const metrics = await knock(endpoint, '/metrics')
  const version =
    typeof metrics === 'string' ? null : /crossfade_build_info\{version="([^"]+)"\}/.exec(metrics.body)?.[1]
  const says = `${version ?? 'of unknown version'}, answers in ${heardAt - sentAt} ms`
  return [
    ready.status === 200
      ? finding.ok('control plane', `${says}, and is ready`)
      : finding.failed(
          'control plane',
          `${says}, but is not ready (${ready.status}): its database does not answer`,
        ),
    clockFinding(ready.date, sentAt, heardAt),
  ]
}

/** Who we are there, and, as that, what the fleet looks like. */
async function rights(
  endpoint: Endpoint,
  fleet: { environment: string; agent: AgentView }[],
): Promise<Finding[]> {
  const api = apiClient(endpoint)
  const findings: Finding[] = []
  try {
    if (endpoint.kind === 'url') {
      const { name, access } = await api.call('GET', '/api/v1/session', meSchema)
      findings.push(finding.ok('token', `you are ${name}, ${accessText(access)}`))
    }
    for (const { id, name } of await listAll(api, '/api/v1/environments', environmentViewSchema)) {
      const where = `/api/v1/agents?environmentId=${encodeURIComponent(id)}`
      const agents = await listAll(api, where, agentViewSchema)
      fleet.push(...agents.map((agent) => ({ environment: name, agent })))
      if (agents.length === 0) findings.push(finding.warning(`environment ${name}`, 'no agent serves it'))
    }
  } catch (error) {
    findings.push(finding.failed('token', messageOf(error)))
  }
  return findings
}

const readinessSchema = z.looseObject({ status: z.string(), failing: z.array(z.string()).optional() })

async function adminPort(url: string): Promise<Finding> {
  const name = `agent at ${bareAddress(url)}`
  const answer = await knock({ kind: 'url', url, token: null }, '/readyz')
  if (typeof answer === 'string') return finding.failed(name, answer)
  const { status, failing = [] } = readinessSchema
    .catch({ status: `answers ${answer.status}` })
    .parse(parsed(answer.body))
  return answer.status === 200
    ? finding.ok(name, status)
    : finding.failed(name, [status, ...failing].join('; '))
}

/** The answer, or why there is none. */
async function knock(endpoint: Endpoint, where: string): Promise<Answer | string> {
  try {
    return await exchange(endpoint, 'GET', where, {})
  } catch (error) {
    return messageOf(error)
  }
}

function messageOf(error: unknown): string {
  if (error instanceof CommandError) return error.message
  if (error instanceof z.ZodError) return 'the answer is of another version; update this command'
  throw error
}

function parsed(body: string): unknown {
  try {
    return parseJson(body)
  } catch {
    return null
  }
}
