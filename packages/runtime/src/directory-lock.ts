import { randomUUID } from 'node:crypto'
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { parseJson } from './safe-json.ts'

/** Another process has the directory; what to do about it is for the caller to say. */
export class DirectoryInUseError extends Error {
  override readonly name = 'DirectoryInUseError'
  readonly pid: number

  constructor(directory: string, pid: number) {
    super(`The directory ${directory} is in use by another process (pid ${pid})`)
    this.pid = pid
  }
}

/** Who holds a directory. A process is its number and, where the system tells, when it started. */
interface Holder {
  readonly pid: number
  /** Number of the start in /proc/PID/stat; null where there is no /proc. Guards against reused numbers. */
  readonly started: string | null
  readonly token: string
}

/**
 * Takes a directory for this process alone, making it if need be (mode 0700). The lock of a process that died is
 * taken over; a living one's is a `DirectoryInUseError`. The answer gives the directory free.
 */
export function lockDirectory(directory: string, fileName: string): () => void {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const file = path.join(directory, fileName)
  const mine: Holder = { pid: process.pid, started: startOf(process.pid), token: randomUUID() }
  const draft = `${file}.${mine.token}`
  writeFileSync(draft, JSON.stringify(mine), { mode: 0o600 })
  try {
    while (!hasLinked(draft, file)) {
      const holder = read(file)
      if (holder && isAlive(holder)) throw new DirectoryInUseError(directory, holder.pid)
      takeAway(file, holder)
    }
  } finally {
    rmSync(draft, { force: true })
  }
  return () => {
    if (read(file)?.token === mine.token) rmSync(file, { force: true })
  }
}

/** A hard link is made whole or not at all, and never over an existing file. */
function hasLinked(from: string, to: string): boolean {
  try {
    linkSync(from, to)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  }
}

/** Removes a dead holder's lock; puts it back if somebody else was faster and it is not the dead one's any more. */
function takeAway(file: string, dead: Holder | null): void {
  const aside = `${file}.${randomUUID()}`
  try {
    renameSync(file, aside)
  } catch {
    return
  }
  if (read(aside)?.token !== dead?.token) hasLinked(aside, file)
  rmSync(aside, { force: true })
}

function read(file: string): Holder | null {
  try {
    const { pid, started, token } = parseJson(readFileSync(file, 'utf8')) as Holder
    return { pid, started, token }
  } catch {
    return null
  }
}

function isAlive(holder: Holder): boolean {
  if (holder.started !== null) return startOf(holder.pid) === holder.started
  try {
    process.kill(holder.pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/** Null where there is no /proc, and for a process that is gone or only waits to be buried. */
function startOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' ? null : (fields[19] ?? null)
  } catch {
    return null
  }
}
