import { join } from 'node:path'
import { z } from 'zod'
import { parseJson } from '@crossfade/runtime/safe-json'
import type { Disk } from '../config/disk.ts'
import { writeDurably } from '../config/durable-file.ts'

/** Key documents by the address they are from. */
export type StoredKeys = Readonly<Record<string, string>>

const fileSchema = z.strictObject({ format: z.literal(1), documents: z.record(z.string(), z.string()) })

export interface KeyFiles {
  /** Empty when there is no file, or none that can be used. Never throws. */
  read(): Promise<StoredKeys>
  write(documents: StoredKeys): Promise<void>
}

/** The last keys of each issuer, which are public: an agent that starts while an issuer is away goes on with them. */
export function createKeyFiles(folder: string, disk: Disk): KeyFiles {
  const path = join(folder, 'issuer-keys.json')
  return {
    async read() {
      try {
        if ((await disk.size(path)) === null) return {}
        return fileSchema.parse(parseJson(await disk.read(path))).documents
      } catch {
        return {}
      }
    },
    write: (documents) => writeDurably(disk, path, JSON.stringify({ format: 1, documents })),
  }
}
