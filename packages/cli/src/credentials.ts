import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { parseJson } from '@crossfade/runtime/safe-json'
import { z } from 'zod'
import type { Endpoint } from './api-client.ts'
import { CommandError, type World } from './world.ts'

const savedSchema = z.object({ url: z.url(), token: z.string().min(1) })

/** Flags beat environment beat what `crossfade login` saved. */
export function endpointOf(
  world: World,
  flags: { readonly url?: string; readonly token?: string },
): Endpoint {
  const saved = readSaved(world)
  const url = flags.url ?? world.env['CROSSFADE_URL'] ?? saved?.url
  if (url === undefined) throw new CommandError('Say where: --url, CROSSFADE_URL, or `crossfade login` first')
  const token = flags.token ?? world.env['CROSSFADE_TOKEN'] ?? (url === saved?.url ? saved.token : undefined)
  return { kind: 'url', url, token: token ?? null }
}

/** The control plane that runs on this data directory, as its administrator (docs/adr/0008). */
export function localEndpoint(dataDir: string): Endpoint {
  return { kind: 'socket', path: path.join(dataDir, 'local.sock') }
}

export function saveCredentials(world: World, url: string, token: string): string {
  mkdirSync(world.configDir, { recursive: true, mode: 0o700 })
  const file = path.join(world.configDir, 'credentials.json')
  writeFileSync(file, `${JSON.stringify({ url, token }, null, 2)}\n`, { mode: 0o600 })
  return file
}

function readSaved(world: World): z.infer<typeof savedSchema> | null {
  try {
    return savedSchema.parse(parseJson(readFileSync(path.join(world.configDir, 'credentials.json'), 'utf8')))
  } catch {
    return null
  }
}
