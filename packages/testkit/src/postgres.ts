import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { freePort } from './free-port.ts'

/** A real Postgres of its own, on a free loopback port, in a temporary directory. */
export interface TestPostgres {
  /** An empty database; its address. */
  createDatabase(name: string): Promise<string>
  /** A copy of a database that nobody is connected to; its address. */
  copyDatabase(from: string, to: string): Promise<string>
  /** Back up after `stop` or `kill`, with the data it had. */
  start(): Promise<void>
  /** Ends every connection. */
  stop(): Promise<void>
  /** At once, as if it had crashed. */
  kill(): Promise<void>
  /** Stops it and removes its files. */
  remove(): Promise<void>
}

const run = promisify(execFile)
const USER = 'crossfade'

/** The folder with `initdb` and `postgres`; null when this machine has none. */
export function findPostgres(): string | null {
  const roots = ['/usr/lib/postgresql', '/opt/homebrew/opt', '/usr/local/opt'].filter(existsSync)
  const versions = roots.flatMap((root) =>
    readdirSync(root)
      .filter((name) => root === '/usr/lib/postgresql' || name.startsWith('postgresql'))
      .map((name) => path.join(root, name, 'bin')),
  )
  const newestFirst = versions.toSorted((a, b) => b.localeCompare(a, 'en', { numeric: true }))
  const onPath = (process.env['PATH'] ?? '').split(path.delimiter)
  return [...newestFirst, ...onPath].find((folder) => hasServer(folder)) ?? null
}

/**
 * Starts the server. `timeZone` is what a careless administrator has set. Commits reach the operating system but
 * not the disk: they survive a killed server, not a lost machine.
 */
export async function startPostgres(options: { readonly timeZone?: string } = {}): Promise<TestPostgres> {
  const binaries = findPostgres()
  if (binaries === null) throw new Error('No PostgreSQL on this machine: install the package postgresql')
  const directory = mkdtempSync(path.join(tmpdir(), 'crossfade-postgres-'))
  const data = path.join(directory, 'data')
  const owner = await ownerFor(directory)
  const port = await freePort()
  const settings = {
    port: String(port),
    listen_addresses: '127.0.0.1',
    unix_socket_directories: directory,
    timezone: options.timeZone ?? 'UTC',
    fsync: 'off',
    full_page_writes: 'off',
  }
  const env = { ...process.env, PGUSER: USER, PGHOST: '127.0.0.1', PGPORT: String(port) }
  const tool = (name: string, args: readonly string[]) =>
    run(path.join(binaries, name), args, { ...owner, env, cwd: directory })
  const addressOf = (name: string) => `postgres://${USER}@127.0.0.1:${port}/${name}`
  let server: ChildProcess | null = null

  const end = async (signal: NodeJS.Signals) => {
    const running = server
    server = null
    if (running === null || running.exitCode !== null) return
    const exited = new Promise((resolve) => running.once('exit', resolve))
    running.kill(signal)
    await exited
  }
  const start = async () => {
    const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
    const child = spawn(path.join(binaries, 'postgres'), ['-D', data, ...args], {
      ...owner,
      cwd: directory,
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    server = child
    await ready(child)
  }

  await tool('initdb', ['-D', data, '-U', USER, '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'])
  await start()
  return {
    start,
    stop: () => end('SIGINT'),
    kill: () => end('SIGQUIT'),
    async createDatabase(name) {
      await tool('createdb', [name])
      return addressOf(name)
    },
    async copyDatabase(from, to) {
      await tool('createdb', ['-T', from, to])
      return addressOf(to)
    },
    async remove() {
      await end('SIGINT')
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

function hasServer(folder: string): boolean {
  return existsSync(path.join(folder, 'initdb')) && existsSync(path.join(folder, 'postgres'))
}

/** Postgres refuses to run as root: as root it runs as the user `postgres`. */
async function ownerFor(directory: string): Promise<{ uid?: number; gid?: number }> {
  if (process.getuid?.() !== 0) return {}
  const numberOf = async (option: string) => Number((await run('id', [option, 'postgres'])).stdout)
  const [uid, gid] = [await numberOf('-u'), await numberOf('-g')]
  chownSync(directory, uid, gid)
  return { uid, gid }
}

function ready(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let log = ''
    child.stderr?.on('data', (chunk: Buffer) => {
      log += chunk.toString()
      if (log.includes('ready to accept connections')) resolve()
    })
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`Postgres ended with ${code}:\n${log}`)))
  })
}
