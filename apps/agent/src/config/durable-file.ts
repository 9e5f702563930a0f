import { dirname } from 'node:path'
import type { Disk } from './disk.ts'

/**
 * Replaces a file so that after a crash at any step the old or the new text is there, whole. With `keepAs`
 * what was there before stays under that name.
 */
export async function writeDurably(
  disk: Disk,
  path: string,
  text: string,
  options: { readonly keepAs?: string } = {},
): Promise<void> {
  const fresh = `${path}.tmp`
  await disk.writeSynced(fresh, text)
  if (options.keepAs !== undefined) await keep(disk, path, options.keepAs)
  await disk.rename(fresh, path)
  await disk.syncFolder(dirname(path))
}

/** A hard link first: between two renames there would be a moment without `path`. */
async function keep(disk: Disk, path: string, as: string): Promise<void> {
  if ((await disk.size(path)) === null) return
  const second = `${as}.tmp`
  await disk.remove(second)
  await disk.link(path, second)
  await disk.rename(second, as)
}
