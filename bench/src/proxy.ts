import type { ChildProcess } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { freePort } from '@crossfade/testkit/free-port'
import { agentOf, checkOut, thisTree } from './agent-build.ts'
import { cpuMs, table } from './machine.ts'
import { nginxCommand } from './nginx-rival.ts'
import { answers, cores, has, start, stop, wrk, type Load } from './processes.ts'

const node = process.execPath
const file = (name: string) => new URL(name, import.meta.url).pathname

interface Contestant {
  readonly name: string
  command(
    listen: number,
  ): Promise<{ readonly command: readonly string[]; readonly env?: Record<string, string> }>
}

interface Running {
  readonly name: string
  readonly url: string
  readonly child: ChildProcess
  readonly busy: Load[]
  readonly calm: Load[]
  cpuMs: number
}

const rounds = 3

/**
 * Requests per second, CPU per request and added latency of agent, http-proxy and nginx. All stand ready and are
 * measured in turn, several rounds, so that noise falls on all. `against` is an earlier commit whose agent is
 * measured too.
 */
export async function proxyBench(seconds: number, against: string | null): Promise<string> {
  if (!has('wrk')) return '## Proxied requests\n\nNot measured: wrk is not installed.'
  const folder = mkdtempSync(path.join(tmpdir(), 'crossfade-bench-'))
  const ports = { legacy: await freePort(), new: await freePort() }
  const services = [ports.legacy, ports.new].map((port) =>
    start(cores.rest, [node, file('raw-service.ts'), String(port)]),
  )
  for (const port of Object.values(ports)) await answers(`http://127.0.0.1:${port}/`)
  const earlier = against === null ? null : { ref: against, tree: checkOut(against, folder) }

  const running: Running[] = []
  for (const contestant of contestants(folder, ports, earlier)) running.push(await launch(contestant))
  const direct: Load[] = []
  for (let round = 0; round < rounds; round++) {
    direct.push(await wrk(`http://127.0.0.1:${ports.legacy}/books/1`, 1, seconds))
    for (const proxy of running) await measure(proxy, seconds)
  }
  for (const { child } of running) await stop(child)
  for (const service of services) await stop(service)
  rmSync(folder, { recursive: true, force: true })
  return report(running, direct)
}

async function launch(contestant: Contestant): Promise<Running> {
  const port = await freePort()
  const { command: words, env = {} } = await contestant.command(port)
  const child = start(cores.proxy, words, env)
  const url = `http://127.0.0.1:${port}/books/1`
  await answers(url)
  await wrk(url, 64, 2)
  return { name: contestant.name, url, child, busy: [], calm: [], cpuMs: 0 }
}

async function measure(proxy: Running, seconds: number): Promise<void> {
  const before = cpuOf(proxy.child.pid ?? 0)
  const busy = await wrk(proxy.url, 64, seconds)
  proxy.cpuMs += cpuOf(proxy.child.pid ?? 0) - before
  if (busy.errors > 0) throw new Error(`${proxy.name} answered ${busy.errors} requests with an error`)
  proxy.busy.push(busy)
  proxy.calm.push(await wrk(proxy.url, 1, seconds))
}

/** A process and its children (nginx works in one). */
function cpuOf(pid: number): number {
  return [pid, ...childrenOf(pid)].reduce((sum, one) => sum + cpuMs(one), 0)
}

function contestants(
  folder: string,
  ports: { legacy: number; new: number },
  earlier: { readonly ref: string; readonly tree: string } | null,
): Contestant[] {
  const agent = (name: string, tree: string, state: string): Contestant => ({
    name,
    command: (listen) => agentOf(tree, path.join(folder, state), { listen, ...ports }),
  })
  const all: Contestant[] = [
    agent('Crossfade agent (full lane)', thisTree, 'agent'),
    {
      name: 'http-proxy 1.18.1',
      command: async (listen) => ({
        command: [node, file('http-proxy-rival.ts'), String(listen), String(ports.legacy), String(ports.new)],
      }),
    },
  ]
  if (earlier) all.splice(1, 0, agent(`the agent at ${earlier.ref}`, earlier.tree, 'earlier'))
  if (has('nginx')) {
    all.push({
      name: 'nginx, split_clients, with access log',
      command: async (listen) => ({
        command: nginxCommand(path.join(folder, 'nginx'), { listen, ...ports }),
      }),
    })
  }
  return all
}

function report(all: readonly Running[], direct: readonly Load[]): string {
  const [agent] = all
  const rate = ({ busy }: Running) => Math.max(...busy.map((load) => load.requestsPerSecond))
  const added = (quantile: 'p50Ms' | 'p99Ms', { calm }: Running) =>
    ((least(calm, quantile) - least(direct, quantile)) * 1000).toFixed(0)
  return [
    `## Proxied requests (64 connections; proxy alone on one core; best of ${rounds} rounds in turn)`,
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
      ...all.map((proxy) => [
        proxy.name,
        rate(proxy).toFixed(0),
        (rate(proxy) / (agent ? rate(agent) : Number.NaN)).toFixed(2),
        ((proxy.cpuMs * 1000) / proxy.busy.reduce((sum, { requests }) => sum + requests, 0)).toFixed(1),
        added('p50Ms', proxy),
        added('p99Ms', proxy),
      ]),
    ]),
  ].join('\n')
}

function least(loads: readonly Load[], quantile: 'p50Ms' | 'p99Ms'): number {
  return Math.min(...loads.map((load) => load[quantile]))
}

function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    .trim()
    .split(' ')
    .filter(Boolean)
    .map(Number)
}
