import { join } from 'node:path'
import { z } from 'zod'
import {
  keyChainSchema,
  signedOverlaySchema,
  type KeyChain,
  type SignedOverlay,
} from '@crossfade/contracts/snapshot'
import { parseJson } from '@crossfade/runtime/safe-json'
import type { Disk } from './disk.ts'
import { writeDurably } from './durable-file.ts'

const fileSchema = z.strictObject({
  format: z.literal(1),
  keys: keyChainSchema,
  overlays: z.array(signedOverlaySchema).max(10_000),
})

export interface StoredOverlays {
  readonly keys: KeyChain
  readonly overlays: readonly SignedOverlay[]
}

export interface OverlayFiles {
  /** Null when there are none; throws an `Error` that says why the file cannot be used. */
  read(): Promise<StoredOverlays | null>
  write(stored: StoredOverlays): Promise<void>
}

/** Roll backs that came past a snapshot are kept over a restart too (rule 19). */
export function createOverlayFiles(folder: string, disk: Disk): OverlayFiles {
  const path = join(folder, 'overlays.json')
  return {
    async read() {
      if ((await disk.size(path)) === null) return null
      const { keys, overlays } = fileSchema.parse(parseJson(await disk.read(path)))
      return { keys, overlays }
    },
    write: ({ keys, overlays }) => writeDurably(disk, path, JSON.stringify({ format: 1, keys, overlays })),
  }
}
