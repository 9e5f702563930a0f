import type { Disk } from './disk.ts'

/** For tests: files in memory, and a disk that dies at a chosen operation. */
export interface MemoryDisk extends Disk {
  readonly files: Map<string, string>
  /** From the n-th changing operation on (the first is 1) every one fails, as if the machine had stopped. */
  dieAt(operation: number): void
  revive(): void
  /** Changing operations so far. */
  operations(): number
}

export function memoryDisk(): MemoryDisk {
  const files = new Map<string, string>()
  let operations = 0
  let deadFrom = Infinity
  const change = (job: () => void) => {
    if (++operations >= deadFrom) throw new Error('The disk is dead')
    job()
  }
  const textOf = (path: string): string => {
    const text = files.get(path)
    if (text === undefined) throw new Error(`There is no ${path}`)
    return text
  }

  return {
    files,
    dieAt(operation) {
      operations = 0
      deadFrom = operation
    },
    revive() {
      deadFrom = Infinity
    },
    operations: () => operations,
    async makeFolder() {},
    async size(path) {
      return files.get(path)?.length ?? null
    },
    read: async (path) => textOf(path),
    writeSynced: async (path, text) => change(() => files.set(path, text)),
    link: async (from, to) => change(() => files.set(to, textOf(from))),
    rename: async (from, to) =>
      change(() => {
        files.set(to, textOf(from))
        files.delete(from)
      }),
    remove: async (path) => change(() => files.delete(path)),
    syncFolder: async () => change(() => {}),
  }
}
