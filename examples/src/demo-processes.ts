import { spawn, type ChildProcess } from 'node:child_process'
import { createWriteStream, mkdirSync, rmSync } from 'node:fs'
import path from 'node:path'

/** Starts programs, each with its own log file, and stops them in reverse order. */
export interface DemoProcesses {
  start(name: string, args: readonly string[], env?: Readonly<Record<string, string>>): void
  /** Starts one that ended once more, as it was. */
  startAgain(name: string): void
  pid(name: string): number | undefined
  /** Ends when all have ended. */
  stop(): Promise<void>
}

/** How long a program may take to end before it is ended. */
const patienceMs = 15_000

export function demoProcesses(
  logFolder: string,
  onDeath: (name: string, log: string) => void,
): DemoProcesses {
  mkdirSync(logFolder, { recursive: true })
  const running = new Map<string, { readonly launch: () => ChildProcess; readonly child: ChildProcess }>()
  let stopping = false

  return {
    start(name, args, env = {}) {
      const log = path.join(logFolder, `${name}.log`)
      rmSync(log, { force: true })
      const launch = () => {
        // A process group of its own: Ctrl-C in the terminal reaches only us, and we stop things in order.
        const child = spawn(process.execPath, args, {
          env: { ...withoutDemo(process.env), ...env },
          stdio: ['ignore', 'pipe', 'pipe'],
          detached: true,
        })
        const file = createWriteStream(log, { flags: 'a' })
        child.stdout?.pipe(file, { end: false })
        child.stderr?.pipe(file, { end: false })
        child.on('exit', () => !stopping && onDeath(name, log))
        return child
      }
      running.set(name, { launch, child: launch() })
    },
    startAgain(name) {
      const ended = running.get(name)
      if (ended && !stopping) running.set(name, { ...ended, child: ended.launch() })
    },
    pid: (name) => running.get(name)?.child.pid,
    async stop() {
      stopping = true
      for (const { child } of [...running.values()].toReversed()) await end(child)
    },
  }
}

/** The demo's own settings mean nothing to the programs, and they refuse settings they do not know. */
function withoutDemo(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('CROSSFADE_DEMO_')))
}

function end(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve()
    const last = setTimeout(() => child.kill('SIGKILL'), patienceMs)
    child.once('exit', () => {
      clearTimeout(last)
      resolve()
    })
    child.kill('SIGTERM')
  })
}
