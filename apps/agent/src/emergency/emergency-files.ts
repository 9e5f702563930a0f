import { join } from 'node:path'
import { z } from 'zod'
import { emergencySchema, type Emergency } from '@crossfade/contracts/link'
import { parseJson } from '@crossfade/runtime/safe-json'
import type { Disk } from '../config/disk.ts'
import { writeDurably } from '../config/durable-file.ts'

const fileSchema = z.strictObject({ format: z.literal(1), emergencies: z.array(emergencySchema).max(100) })

export interface EmergencyFiles {
  /** Throws when the file is there and cannot be used. */
  read(): Promise<readonly Emergency[]>
  write(emergencies: readonly Emergency[]): Promise<void>
}

/** Break-glass roll backs stay until a person clears them, over restarts too (rule 19). */
export function createEmergencyFiles(folder: string, disk: Disk): EmergencyFiles {
  const path = join(folder, 'emergencies.json')
  return {
    async read() {
      if ((await disk.size(path)) === null) return []
      return fileSchema.parse(parseJson(await disk.read(path))).emergencies
    },
    write: (emergencies) => writeDurably(disk, path, JSON.stringify({ format: 1, emergencies })),
  }
}
