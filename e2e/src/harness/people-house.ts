import { everywhere, type Role } from '@crossfade/contracts/roles'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { apiClient, type ApiClient } from 'crossfade/api-client'
import { selfSigned, writePair, type Pair } from '@crossfade/testkit/certificates'
import { freePort } from '@crossfade/testkit/free-port'
import { asking, cookieOf, type Ask } from './asking.ts'
import { startProgram, until, type Program } from './program.ts'

const main = fileURLToPath(new URL('../../../apps/control-plane/src/main.ts', import.meta.url))

/** A control plane over https with a self-made certificate, its first administrator, and nobody else. */
export interface PeopleHouse {
  readonly url: string
  readonly certificate: Pair
  readonly program: Program
  /** As its administrator, over the local socket. */
  readonly api: ApiClient
  readonly ask: Ask
  /** A cookie of a person who signed in just now. */
  signIn(email?: string, password?: string): Promise<string>
  /** Invites somebody and lets them choose a password. */
  join(email: string, role: Role): Promise<{ readonly id: string; readonly version: number }>
  close(): Promise<void>
}

export const administrator = { email: 'ada@example.test', password: 'correct horse battery' } as const
const linkSchema = z.object({ link: z.string() })
const invitedSchema = z.object({ link: z.string(), user: z.object({ id: z.string(), version: z.int() }) })

export async function openPeopleHouse(): Promise<PeopleHouse> {
  const folder = await mkdtemp(path.join(tmpdir(), 'cf-people-'))
  const certificate = selfSigned()
  const { certFile, keyFile } = writePair(folder, 'own', certificate)
  const port = await freePort()
  const url = `https://127.0.0.1:${port}`
  const dataDir = path.join(folder, 'data')
  const program = startProgram('control-plane', [main], {
    CROSSFADE_PORT: String(port),
    CROSSFADE_PUBLIC_URL: url,
    CROSSFADE_DATA_DIR: dataDir,
    CROSSFADE_TLS_CERT: certFile,
    CROSSFADE_TLS_KEY: keyFile,
    CROSSFADE_ALLOW_NETWORKS: 'loopback',
  })
  const ask = asking(url)
  await until('the control plane ready', async () => (await ask('GET', '/readyz')).status === 200, 60_000)
  const api = apiClient({ kind: 'socket', path: path.join(dataDir, 'local.sock') })
  const send = (where: string, body: unknown) =>
    ask('POST', `/api/v1/${where}`, {
      headers: { 'content-type': 'application/json', origin: url },
      body: JSON.stringify(body),
    })
  const accept = async (link: string, person: { email?: string; name: string; password: string }) => {
    const joined = await send('links/accept', { token: link.split('#')[1], ...person })
    if (joined.status !== 200) throw new Error(`Joining was refused: ${joined.text}`)
  }
  const { link } = await api.call('POST', '/api/v1/local/link', linkSchema, { body: {} })
  await accept(link, { ...administrator, name: 'Ada' })

  return {
    url,
    certificate,
    program,
    api,
    ask,
    async signIn(email = administrator.email, password = administrator.password) {
      const answer = await send('session', { email, password })
      if (answer.status !== 200) throw new Error(`Signing in was refused: ${answer.text}`)
      return cookieOf(answer)
    },
    async join(email, role) {
      const invited = await api.call('POST', '/api/v1/users', invitedSchema, {
        body: { email, access: everywhere(role) },
      })
      await accept(invited.link, { name: email, password: administrator.password })
      return { id: invited.user.id, version: invited.user.version + 1 }
    },
    async close() {
      await program.kill('SIGKILL')
      await rm(folder, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}
