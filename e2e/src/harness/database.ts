import { generateKeyPairSync } from 'node:crypto'
import { findPostgres } from '@crossfade/testkit/postgres'

/** Loud where there is no Postgres, and never quiet in CI: there a missing one is a failure. */
export function hasPostgres(what: string): boolean {
  if (findPostgres() !== null) return true
  if (process.env['CI'] === 'true') throw new Error('CI needs PostgreSQL: apt-get install postgresql')
  console.warn(`\n*** SKIPPED: ${what}. Install PostgreSQL. ***\n`)
  return false
}

/** For a control plane on this database, and for its replicas: keys that none of them makes itself. */
export function databaseEnv(databaseUrl: string): Record<string, string> {
  const { privateKey } = generateKeyPairSync('ed25519')
  return {
    DATABASE_URL: databaseUrl,
    CROSSFADE_SIGNING_KEY: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    CROSSFADE_AUDIT_KEY: 'an-audit-key-for-tests-0123456789abcdef',
  }
}
