import { spawn, type ChildProcess } from 'node:child_process'

/** A process of ours under test. */
export interface Program {
  readonly name: string
  readonly pid: number
  output(): string
  /** Resolves with the exit code, or 128 + signal-like null code as -1. */
  readonly ended: Promise<number>
  kill(signal?: NodeJS.Signals): Promise<number>
  /** Stops it (SIGSTOP) and lets it go on (SIGCONT): a process that hangs. */
  freeze(): void
  thaw(): void
}

const patienceMs = 20_000
const started = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of started) child.kill('SIGKILL')
})

export function startProgram(
  name: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  options: { readonly execPath?: string; readonly cwd?: string } = {},
): Program {
  const child = spawn(options.execPath ?? process.execPath, args, {
    env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', NODE_ENV: 'test', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(options.cwd !== undefined && { cwd: options.cwd }),
  })
  started.add(child)
  let output = ''
  const keep = (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-400_000)
  }
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  const ended = new Promise<number>((resolve) => {
    child.on('exit', (code) => {
      started.delete(child)
      resolve(code ?? -1)
    })
  })
  return {
    name,
    pid: child.pid ?? -1,
    output: () => output,
    ended,
    async kill(signal = 'SIGTERM') {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal)
      const giveUp = setTimeout(() => child.kill('SIGKILL'), patienceMs)
      const code = await ended
      clearTimeout(giveUp)
      return code
    },
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
  }
}

/** Polls until `probe` answers something; an error or a falsy value means not yet. */
export async function until<T>(
  what: string,
  probe: () => Promise<T | false | null | undefined> | T | false | null | undefined,
  timeoutMs = 30_000,
): Promise<T> {
  const deadline = performance.now() + timeoutMs
  let last: unknown
  while (performance.now() < deadline) {
    try {
      const value = await probe()
      if (value !== false && value !== null && value !== undefined) return value
      last = value
    } catch (error) {
      last = error
    }
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  throw new Error(`${what} did not happen within ${timeoutMs} ms`, { cause: last })
}
