import { join } from 'node:path'
import { z } from 'zod'
import { publicKeySchema } from '@crossfade/contracts/agent-identity'
import { timestampSchema } from '@crossfade/contracts/api/common'
import { idSchema } from '@crossfade/contracts/entities'
import { parseJson } from '@crossfade/runtime/safe-json'
import type { Disk } from '../config/disk.ts'
import { writeDurably } from '../config/durable-file.ts'

const keySchema = z.strictObject({
  publicKey: publicKeySchema,
  /** PKCS #8, PEM. It never leaves this machine. */
  privateKey: z.string().startsWith('-----BEGIN PRIVATE KEY-----').max(1_000),
})

const storedSchema = z.strictObject({
  format: z.literal(1),
  /** Of the control plane's signing key: what the token vouched for when the agent joined. */
  fingerprint: z.string().regex(/^[0-9a-f]{32}$/),
  /** The token it joined with; null before. */
  joinedWith: idSchema.nullable(),
  agent: z.strictObject({ id: idSchema, environmentId: idSchema }).nullable(),
  current: keySchema
    .extend({ credentialId: idSchema, issuedAt: timestampSchema, expiresAt: timestampSchema })
    .nullable(),
  /** Stored before it is enrolled: after a crash the same key is enrolled again, which changes nothing. */
  next: keySchema.nullable(),
  /** When the control plane first said that this agent is revoked; ms since the epoch. */
  revokedAt: z.int().nullable(),
})
export type StoredIdentity = z.infer<typeof storedSchema>
export type Credential = NonNullable<StoredIdentity['current']>

export interface IdentityFile {
  /** Null when there is none. Throws when it is there and cannot be used: never replaced by guesswork. */
  read(): Promise<StoredIdentity | null>
  /** Ends when it is on the medium. */
  write(identity: StoredIdentity): Promise<void>
}

/** Who this agent is, in its state directory (mode 0600). */
export function createIdentityFile(folder: string, disk: Disk): IdentityFile {
  const path = join(folder, 'identity.json')
  return {
    async read() {
      if ((await disk.size(path)) === null) return null
      const stored = storedSchema.safeParse(jsonOrNull(await disk.read(path)))
      // Not the parser's own words: they quote what they found, and that is a private key.
      if (stored.success) return stored.data
      throw new Error(`${path} cannot be used; remove it and give the agent a new token`)
    },
    write: (identity) => writeDurably(disk, path, JSON.stringify(identity)),
  }
}

function jsonOrNull(text: string): unknown {
  try {
    return parseJson(text)
  } catch {
    return null
  }
}
