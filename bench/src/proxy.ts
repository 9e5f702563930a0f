import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { agentTokenFor, signedSnapshotFile } from '@crossfade/testkit/signed-snapshot'
import { aMapping, aService, aSnapshot } from '@crossfade/testkit/builders'
import { cpuMs, table } from './machine.ts'
import { nginxCommand } from './nginx-rival.ts'
import { answers, cores, freePort, has, start, stop, wrk, type Load } from './processes.ts'

const node = process.execPath
const file = (name: string) => new URL(name, import.meta.url).pathname

interface Contestant {
  readonly name: string
  command(listen: number): { readonly command: readonly string[]; readonly env?: Record<string, string> }
}

interface Row {
  readonly name: string
  readonly busy: Load
  readonly calm: Load
  readonly microsecondsPerRequest: number
}

/** Requests per second, CPU per request and added latency of agent, http-proxy and nginx, one after another. */
export async function proxyBench(seconds: number): Promise<string> {
  if (!has('wrk')) return '## Proxied requests\n\nNot measured: wrk is not installed.'
  const folder = mkdtempSync(path.join(tmpdir(), 'crossfade-bench-'))
  const ports = { legacy: await freePort(), new: await freePort() }
  const services = [ports.legacy, ports.new].map((port) =>
    start(cores.rest, [node, file('raw-service.ts'), String(port)]),
  )
  for (const port of Object.values(ports)) await answers(`http://127.0.0.1:${port}/`)

  const direct = await wrk(`http://127.0.0.1:${ports.legacy}/books/1`, 1, seconds)
  const rows: Row[] = []
  for (const contestant of contestants(folder, ports)) rows.push(await measure(contestant, seconds))
  for (const service of services) await stop(service)
  rmSync(folder, { recursive: true, force: true })
  return report(rows, direct)
}

async function measure(contestant: Contestant, seconds: number): Promise<Row> {
  const port = await freePort()
  const { command, env = {} } = contestant.command(port)
  const child = start(cores.proxy, command, env)
  const url = `http://127.0.0.1:${port}/books/1`
  await answers(url)
  await wrk(url, 64, 2)
  const before = cpuOf(child.pid ?? 0)
  const busy = await wrk(url, 64, seconds)
  const microsecondsPerRequest = ((cpuOf(child.pid ?? 0) - before) * 1000) / busy.requests
  const calm = await wrk(url, 1, seconds)
  await stop(child)
  if (busy.errors > 0) throw new Error(`${contestant.name} answered ${busy.errors} requests with an error`)
  return { name: contestant.name, busy, calm, microsecondsPerRequest }
}

/** A process and its children (nginx works in one). */
function cpuOf(pid: number): number {
  return [pid, ...childrenOf(pid)].reduce((sum, one) => sum + cpuMs(one), 0)
}

function contestants(folder: string, ports: { legacy: number; new: number }): Contestant[] {
  const all: Contestant[] = [
    { name: 'Crossfade agent (full lane)', command: (listen) => agentCommand(folder, listen, ports) },
    {
      name: 'http-proxy 1.18.1',
      command: (listen) => ({
        command: [node, file('http-proxy-rival.ts'), String(listen), String(ports.legacy), String(ports.new)],
      }),
    },
  ]
  if (has('nginx')) {
    all.push({
      name: 'nginx, split_clients, with access log',
      command: (listen) => ({ command: nginxCommand(path.join(folder, 'nginx'), { listen, ...ports }) }),
    })
  }
  return all
}

function agentCommand(folder: string, listen: number, ports: { legacy: number; new: number }) {
  const mapping = aMapping({
    match: { methods: [], host: null, path: { kind: 'prefix', path: '/books' } },
    split: {
      share: 2_500,
      cohort: 'bench-cohort-salt',
      identity: { kind: 'cookie', name: 'uid' },
      missing: 'legacy',
    },
  })
  const services = (['legacy', 'new'] as const).map((side) =>
    aService({ id: mapping[side].serviceId, name: side, instances: [`http://127.0.0.1:${ports[side]}`] }),
  )
  const rewritten = {
    ...mapping,
    new: {
      ...mapping.new,
      rewrite: { ...mapping.new.rewrite, path: { kind: 'prefix', to: '/v2/books' } as const },
    },
  }
  const sealed = signedSnapshotFile(aSnapshot({ services, mappings: [rewritten] }))
  const bootstrap = path.join(folder, 'bootstrap.json')
  writeFileSync(bootstrap, JSON.stringify(sealed.file))
  return {
    command: [node, file('../../apps/agent/dist/agent.mjs')],
    env: {
      CROSSFADE_CONTROL_URL: 'http://127.0.0.1:9',
      CROSSFADE_AGENT_TOKEN: agentTokenFor(sealed),
      CROSSFADE_AGENT_NAME: 'bench',
      CROSSFADE_LISTEN: `127.0.0.1:${listen}`,
      CROSSFADE_ADMIN_LISTEN: '127.0.0.1:0',
      CROSSFADE_STATE_DIR: path.join(folder, 'agent'),
      CROSSFADE_BOOTSTRAP: bootstrap,
      CROSSFADE_ALLOW_NETWORKS: '127.0.0.0/8',
      CROSSFADE_LOG_LEVEL: 'error',
    },
  }
}

function report(rows: readonly Row[], direct: Load): string {
  const [agent] = rows
  const ratio = (row: Row) =>
    (row.busy.requestsPerSecond / (agent?.busy.requestsPerSecond ?? Number.NaN)).toFixed(2)
  const added = (value: number, without: number) => ((value - without) * 1000).toFixed(0)
  return [
    '## Proxied requests (64 connections; proxy alone on one core)',
    '',
    table([
      [
        'proxy',
        'requests/s',
        'against the agent',
        'CPU µs/request',
        'added p50 µs (1 connection)',
        'added p99 µs',
      ],
      ...rows.map((row) => [
        row.name,
        row.busy.requestsPerSecond.toFixed(0),
        ratio(row),
        row.microsecondsPerRequest.toFixed(1),
        added(row.calm.p50Ms, direct.p50Ms),
        added(row.calm.p99Ms, direct.p99Ms),
      ]),
    ]),
  ].join('\n')
}

function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    .trim()
    .split(' ')
    .filter(Boolean)
    .map(Number)
}
