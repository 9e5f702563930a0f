import { spawn, spawnSync, type ChildProcess } from 'node:child_process'

/** The proxy under test has a core of its own; load and services share the other. */
export const cores = { proxy: '0', rest: '1' } as const

const children = new Set<ChildProcess>()
process.on('exit', () => children.forEach((child) => child.kill('SIGKILL')))

export function has(command: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${command}`]).status === 0
}

export function start(
  core: string,
  command: readonly string[],
  env: Record<string, string> = {},
): ChildProcess {
  const pinned = has('taskset') ? ['taskset', '-c', core, ...command] : command
  const child = spawn(pinned[0] ?? '', pinned.slice(1), {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  })
  child.stdout.resume()
  children.add(child)
  child.on('exit', () => children.delete(child))
  return child
}

export async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  const last = setTimeout(() => child.kill('SIGKILL'), 5_000)
  await ended
  clearTimeout(last)
}

export async function answers(url: string): Promise<void> {
  for (let tries = 0; tries < 300; tries++) {
    if (
      await fetch(url).then(
        (answer) => answer.ok,
        () => false,
      )
    )
      return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error(`${url} does not answer`)
}

export interface Load {
  readonly requestsPerSecond: number
  readonly requests: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly errors: number
}

/** `wrk` from the core of the rest. */
export async function wrk(url: string, connections: number, seconds: number): Promise<Load> {
  const child = start(cores.rest, [
    'wrk',
    '-t1',
    `-c${connections}`,
    `-d${seconds}s`,
    '--latency',
    '-H',
    'Cookie: uid=reader-42',
    url,
  ])
  let output = ''
  child.stdout?.on('data', (data: Buffer) => (output += data.toString()))
  await new Promise((resolve) => child.once('exit', resolve))
  const number = (pattern: RegExp) => Number(pattern.exec(output)?.[1] ?? Number.NaN)
  return {
    requestsPerSecond: number(/Requests\/sec:\s+([\d.]+)/),
    requests: number(/(\d+) requests in/),
    p50Ms: milliseconds(/50%\s+([\d.]+)(us|ms|s)/.exec(output)),
    p99Ms: milliseconds(/99%\s+([\d.]+)(us|ms|s)/.exec(output)),
    errors: /Non-2xx or 3xx responses: (\d+)/.exec(output) ? number(/Non-2xx or 3xx responses: (\d+)/) : 0,
  }
}

function milliseconds(found: RegExpExecArray | null): number {
  const unit: Record<string, number> = { us: 0.001, ms: 1, s: 1000 }
  return Number(found?.[1] ?? Number.NaN) * (unit[found?.[2] ?? ''] ?? 1)
}
