import { createHmac, hkdfSync } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { sha256Hex } from '@crossfade/runtime/seal'
import { randomHex } from '../people/secret.ts'

/** Seals audit rows (rule 23). Never in the database, so that whoever owns the database cannot seal. */
export interface AuditKey {
  /** First 16 hex digits of a hash of the key; says nothing of the key itself. */
  readonly id: string
  /** HMAC-SHA256 (RFC 2104), hex. */
  mac(bytes: Uint8Array): string
  /** 32 bytes for another purpose (HKDF-SHA256, RFC 5869): they tell nothing of this key or of each other. */
  derive(purpose: string): Uint8Array
}

export interface AuditKeys {
  /** Seals what is new. */
  readonly current: AuditKey
  /** The current one or one before it; null for a stranger's. */
  find(id: string): AuditKey | null
}

const keyFile = 'audit-key'

/** The keys given, or the one in the data directory, made there (mode 0600) when absent. */
export function openAuditKeys(
  dataDir: string,
  given: { readonly auditKey: string | null; readonly previousAuditKeys: readonly string[] },
): AuditKeys {
  return auditKeys(given.auditKey ?? storedKey(dataDir), given.previousAuditKeys)
}

export function auditKeys(secret: string, previous: readonly string[] = []): AuditKeys {
  const current = auditKey(secret)
  const all = new Map([...previous.map(auditKey), current].map((key) => [key.id, key]))
  return { current, find: (id) => all.get(id) ?? null }
}

function auditKey(secret: string): AuditKey {
  return {
    id: sha256Hex(`crossfade audit key ${secret}`).slice(0, 16),
    mac: (bytes) => createHmac('sha256', secret).update(bytes).digest('hex'),
    derive: (purpose) => new Uint8Array(hkdfSync('sha256', secret, '', purpose, 32)),
  }
}

function storedKey(dataDir: string): string {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const file = path.join(dataDir, keyFile)
  if (!existsSync(file)) writeFileSync(file, `${randomHex()}\n`, { mode: 0o600, flag: 'wx', flush: true })
  return readFileSync(file, 'utf8').trim()
}
