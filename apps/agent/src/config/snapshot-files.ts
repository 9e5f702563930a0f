import { join } from 'node:path'
import { snapshotFileSchema, type SnapshotFile } from '@crossfade/contracts/snapshot'
import { parseJson, RefusedJson } from '@crossfade/runtime/safe-json'
import type { Base } from './base.ts'
import type { Disk } from './disk.ts'
import { writeDurably } from './durable-file.ts'
import { receiveSnapshot } from './receive-snapshot.ts'
import { trustedBy } from './trust.ts'

/** Larger than any snapshot the link can bring (its frames are smaller). */
const maxFileBytes = 128 * 1024 * 1024

export interface Found {
  readonly base: Base
  readonly keys: SnapshotFile['keys']
  readonly source: 'disk' | 'bootstrap'
}

export interface SnapshotFiles {
  /**
   * The first of current, previous and bootstrap that proves itself; null when none does. What was wrong with
   * the ones before it is in `problems`. Never throws.
   */
  read(): Promise<{ readonly found: Found | null; readonly problems: readonly string[] }>
  /** Ends when it is on the medium; the copy before it stays as `previous.json`. */
  write(file: SnapshotFile): Promise<void>
}

/** The last good snapshot and the one before (rule 26). `fingerprint` pins the key that must have signed them. */
export function createSnapshotFiles(parts: {
  readonly folder: string
  readonly bootstrap: string | null
  readonly fingerprint: () => string
  readonly disk: Disk
}): SnapshotFiles {
  const { disk, fingerprint } = parts
  const current = join(parts.folder, 'current.json')
  const previous = join(parts.folder, 'previous.json')
  // A broken current file must never take the place of a good previous one.
  let isCurrentGood = false

  return {
    async read() {
      const problems: string[] = []
      const places = [
        { path: current, source: 'disk' as const },
        { path: previous, source: 'disk' as const },
        ...(parts.bootstrap === null ? [] : [{ path: parts.bootstrap, source: 'bootstrap' as const }]),
      ]
      for (const { path, source } of places) {
        const result = await readOne(disk, path, fingerprint())
        if (typeof result === 'string') problems.push(`${path}: ${result}`)
        else if (result) {
          isCurrentGood = path === current
          return { found: { ...result, source }, problems }
        } else if (source === 'bootstrap') problems.push(`${path}: There is no such file`)
      }
      return { found: null, problems }
    },
    async write(file) {
      await writeDurably(disk, current, JSON.stringify(file), isCurrentGood ? { keepAs: previous } : {})
      isCurrentGood = true
    },
  }
}

/** Null without such a file; text says why it cannot be used. */
async function readOne(
  disk: Disk,
  path: string,
  fingerprint: string,
): Promise<Omit<Found, 'source'> | string | null> {
  try {
    const size = await disk.size(path)
    if (size === null) return null
    if (size > maxFileBytes) return `Is larger than ${maxFileBytes} bytes`
    const parsed = snapshotFileSchema.safeParse(parseJson(await disk.read(path)))
    if (!parsed.success)
      return `Is not a snapshot file (${parsed.error.issues[0]?.message ?? 'unknown shape'})`
    const { keys, snapshot } = parsed.data
    const verdict = receiveSnapshot(
      null,
      { kind: 'whole', whole: snapshot },
      { keys: trustedBy(keys, fingerprint), environmentId: null },
    )
    if (verdict.kind === 'install') return { base: verdict.base, keys }
    if (verdict.kind === 'same') return 'Cannot be judged'
    return `Refused (${verdict.phase}): ${verdict.errors.map((e) => `${e.path}: ${e.message}`).join('; ')}`
  } catch (error) {
    if (error instanceof RefusedJson) return error.message
    return error instanceof SyntaxError ? 'Is not JSON' : `Cannot be read: ${String(error)}`
  }
}
