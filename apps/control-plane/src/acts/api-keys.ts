import type { z } from 'zod'
import type { apiKeyCreatedSchema, apiKeyInputSchema } from '@crossfade/contracts/api/api-keys'
import { Problem } from '@crossfade/contracts/problems'
import type { ApiKey } from '@crossfade/core/auth/auth'
import { sha256Hex } from '@crossfade/runtime/seal'
import type { Author } from '../store/author.ts'
import { environmentOf, type EnvironmentRow } from '../store/entities.ts'
import { findEnvironment, updateEnvironment } from '../store/environments.ts'
import { findMappings } from '../store/mappings.ts'
import type { ChangeTx, Db } from '../store/store.ts'
import type { ActParts } from './acts.ts'
import { found, refuseIf } from './refusals.ts'

/** Keys for programs that call: `cfk_` and 256 random bits, of which only the digest is kept. */
export interface ApiKeyActs {
  /** The key itself is in this answer and nowhere else. */
  create(
    author: Author,
    environmentId: string,
    input: z.output<typeof apiKeyInputSchema>,
  ): Promise<z.infer<typeof apiKeyCreatedSchema>>
  revoke(author: Author, environmentId: string, keyId: string): Promise<void>
}

const prefix = 'cfk_'
const most = 500

export function apiKeyActs({ store, clock, random }: ActParts): ApiKeyActs {
  const environment = async (db: Db, id: string) => found(await findEnvironment(db, id), 'environment')

  return {
    async create(author, environmentId, { name, mappings }) {
      await store.read((db) => environment(db, environmentId))
      const key = `${prefix}${Buffer.from(random(32)).toString('base64url')}`
      const made: ApiKey = {
        id: Buffer.from(random(8)).toString('hex'),
        name,
        digest: sha256Hex(key),
        mappings,
        createdAt: new Date(clock.now()).toISOString(),
      }
      await store.change(author, environmentId, async (tx) => {
        const row = await environment(tx.db, environmentId)
        const { apiKeys } = environmentOf(row).auth
        if (apiKeys.some((other) => other.name === name)) {
          const errors = [{ path: 'name', message: 'That name is taken' }]
          throw new Problem('duplicate_name', { detail: `The name ${name} is taken`, errors })
        }
        if (apiKeys.length >= most) {
          refuseIf([{ path: 'name', message: `There are ${most} keys; revoke one first` }], 'invalid_input')
        }
        await refuseUnknownMappings(tx.db, environmentId, mappings)
        await replaceKeys(tx, row, [...apiKeys, made])
        tx.record({ act: 'api-key.create', object: objectOf(made), before: null, after: view(made) })
      })
      return { ...view(made), digest: made.digest, key }
    },

    async revoke(author, environmentId, keyId) {
      await store.read((db) => environment(db, environmentId))
      await store.change(author, environmentId, async (tx) => {
        const row = await environment(tx.db, environmentId)
        const { apiKeys } = environmentOf(row).auth
        const gone = apiKeys.find(({ id }) => id === keyId)
        if (!gone) throw new Problem('not_found', { detail: 'This environment has no such API key' })
        await replaceKeys(
          tx,
          row,
          apiKeys.filter(({ id }) => id !== keyId),
        )
        tx.record({ act: 'api-key.revoke', object: objectOf(gone), before: view(gone), after: null })
      })
    },
  }
}

async function replaceKeys(tx: ChangeTx, row: EnvironmentRow, apiKeys: readonly ApiKey[]): Promise<void> {
  const { id, name, ...settings } = environmentOf(row)
  await updateEnvironment(tx.db, id, row.version, name, { ...settings, auth: { ...settings.auth, apiKeys } })
  await tx.revise()
}

async function refuseUnknownMappings(
  db: Db,
  environmentId: string,
  mappings: ApiKey['mappings'],
): Promise<void> {
  if (mappings === 'all') return
  const rows = await findMappings(db, mappings)
  const known = new Set(rows.filter((row) => row.environmentId === environmentId).map(({ id }) => id))
  refuseIf(
    mappings.flatMap((id, i) =>
      known.has(id)
        ? []
        : [{ path: `mappings.${i}`, message: `There is no mapping ${id} in this environment` }],
    ),
    'invalid_reference',
  )
}

/** Without the digest: nobody who reads the trail needs it. */
function view({ id, name, mappings, createdAt }: ApiKey) {
  return { id, name, mappings: mappings === 'all' ? mappings : [...mappings], createdAt }
}

function objectOf({ id, name }: ApiKey) {
  return { kind: 'api-key', id, name }
}
