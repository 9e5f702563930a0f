import { createHash, timingSafeEqual } from 'node:crypto'
import { join } from 'node:path'
import type { Disk } from '../config/disk.ts'
import { writeDurably } from '../config/durable-file.ts'

/** The token in the state directory, made on first start (mode 0600). `newToken` draws one. */
export async function storedAdminToken(folder: string, disk: Disk, newToken: () => string): Promise<string> {
  const path = join(folder, 'admin-token')
  if ((await disk.size(path)) !== null) {
    const token = (await disk.read(path)).trim()
    if (token !== '') return token
  }
  const token = newToken()
  await writeDurably(disk, path, `${token}\n`)
  return token
}

/** `Authorization: Bearer <token>`, compared without telling how much of it was right. */
export function isAuthorized(header: string | undefined, token: string): boolean {
  const [, given] = /^Bearer +(.+)$/i.exec(header ?? '') ?? []
  return given !== undefined && timingSafeEqual(digest(given), digest(token))
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
