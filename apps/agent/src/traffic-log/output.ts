import { write } from 'node:fs'
import { open, stat, type FileHandle } from 'node:fs/promises'

/** Where lines go. One act at a time. */
export interface Output {
  /** For messages. */
  readonly name: string
  /** Bytes that may be written at once without lines of others coming in between. */
  readonly chunkBytes: number
  /** Opens, or opens again where the file was moved or removed. `force` opens again in any case. */
  ready(force: boolean): Promise<void>
  append(bytes: Buffer): Promise<void>
  close(): Promise<void>
}

/** A file that may be moved away at any time: what comes after goes to a new one of the same name. */
export function fileOutput(path: string): Output {
  let file: FileHandle | null = null
  const isMoved = async (current: FileHandle) => {
    const [ours, there] = await Promise.all([current.stat(), stat(path).catch(() => null)])
    return there === null || there.ino !== ours.ino || there.dev !== ours.dev
  }
  const close = async () => {
    const last = file
    file = null
    await last?.close()
  }
  return {
    name: path,
    chunkBytes: 256 * 1024,
    async ready(force) {
      if (file !== null && (force || (await isMoved(file)))) await close()
      file ??= await open(path, 'a', 0o640)
    },
    async append(bytes) {
      if (file === null) throw new Error(`${path} is not open`)
      await file.appendFile(bytes)
    },
    close,
  }
}

const pipeRetryMs = 20

/** The process's own output, never waited for on the thread that serves: `process.stdout` would block on a pipe. */
export function stdoutOutput(wait: (ms: number) => Promise<void>, fd = 1): Output {
  return {
    name: 'stdout',
    // A pipe takes this much in one piece (POSIX PIPE_BUF on Linux): log lines of others do not mix in.
    chunkBytes: 4096,
    async ready() {},
    async append(bytes) {
      let rest = bytes
      while (rest.length > 0) {
        const written = await writeSome(fd, rest)
        rest = rest.subarray(written)
        if (rest.length > 0) await wait(pipeRetryMs)
      }
    },
    async close() {},
  }
}

/** 0 when the pipe is full. */
function writeSome(fd: number, bytes: Buffer): Promise<number> {
  return new Promise((resolve, reject) => {
    write(fd, bytes, (error, written) => {
      if (error === null) resolve(written)
      else if (error.code === 'EAGAIN') resolve(0)
      else reject(error)
    })
  })
}
