import { randomUUID } from 'node:crypto'
import { defaultAuth } from '@crossfade/core/auth/auth'
import type { Environment } from '@crossfade/core/model'
import { systemAuthor } from './author.ts'
import { insertEnvironment } from './environments.ts'
import type { Store } from './store.ts'

/** What an environment is unless somebody says otherwise. */
export const environmentDefaults = {
  defaults: [],
  paths: { encodedSlash: 'auto', ambiguous: 'refuse' },
  trustedHops: [],
  sendForwarded: false,
  forcedSide: { header: null, cookie: null },
  callers: { keyDigests: [], segmentId: null },
  clientDimension: null,
  auth: defaultAuth,
} as const satisfies Omit<Environment, 'id' | 'name'>

const DEFAULT = { id: 'default', name: 'default' } as const

/** One environment exists from the start. Several replicas may ask at once; one makes it. */
export async function ensureDefaultEnvironment(store: Store): Promise<void> {
  if ((await store.read((db) => db.environment.count())) > 0) return
  await store.change(systemAuthor, null, async (tx) => {
    if ((await tx.db.environment.count()) > 0) return
    await insertEnvironment(tx.db, { ...DEFAULT, epoch: randomUUID() }, environmentDefaults)
    // Told now, so that nobody hears of it later by the poll alone.
    await tx.revise(DEFAULT.id)
    const after = { ...DEFAULT, ...environmentDefaults }
    tx.record({ act: 'environment.create', object: { kind: 'environment', ...DEFAULT }, before: null, after })
  })
}
