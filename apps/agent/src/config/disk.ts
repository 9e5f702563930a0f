import { constants } from 'node:fs'
import { chmod, link, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises'

/** The few file operations durability is made of; tests bring one that fails at a chosen step. */
export interface Disk {
  makeFolder(path: string): Promise<void>
  /** Null when there is no such file. */
  size(path: string): Promise<number | null>
  read(path: string): Promise<string>
  /** Creates or empties the file (mode 0600), writes, and waits until it is on the medium. */
  writeSynced(path: string, text: string): Promise<void>
  link(from: string, to: string): Promise<void>
  rename(from: string, to: string): Promise<void>
  remove(path: string): Promise<void>
  syncFolder(path: string): Promise<void>
}

export const nodeDisk: Disk = {
  async makeFolder(path) {
    await mkdir(path, { recursive: true, mode: 0o700 })
  },
  async size(path) {
    try {
      return (await stat(path)).size
    } catch (error) {
      if (isMissing(error)) return null
      throw error
    }
  },
  read: (path) => readFile(path, 'utf8'),
  async writeSynced(path, text) {
    const file = await open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC, 0o600)
    try {
      await file.writeFile(text)
      await file.sync()
    } finally {
      await file.close()
    }
    await chmod(path, 0o600)
  },
  link,
  rename,
  async remove(path) {
    await rm(path, { force: true })
  },
  async syncFolder(path) {
    // Windows cannot open a folder; there the rename alone has to do.
    if (process.platform === 'win32') return
    const folder = await open(path, constants.O_RDONLY)
    try {
      await folder.sync()
    } finally {
      await folder.close()
    }
  },
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}
