import { createHash } from 'node:crypto'
import { canonicalJson } from '@crossfade/runtime/canonical-json'
import type { AuditKey } from './audit-keys.ts'

/** What an audit row says. Its canonical text is sealed and stored beside the columns people query. */
export interface AuditFacts {
  readonly seq: number
  /** ISO 8601 with milliseconds. */
  readonly at: string
  readonly environmentId: string | null
  readonly actor: { readonly kind: string; readonly id: string; readonly name: string }
  readonly act: string
  readonly object: { readonly kind: string; readonly id: string; readonly name: string }
  readonly alsoTouches: readonly string[]
  readonly before: unknown
  readonly after: unknown
  readonly reason: string | null
  readonly source: string
  readonly requestId: string | null
  readonly revision: number | null
}

/** Where a chain ends: nothing before `seq` 1. */
export interface ChainEnd {
  readonly seq: number
  /** Hex; 64 zeros before the first sealed row. */
  readonly mac: string
}

export const NO_MAC = '0'.repeat(64)

export interface Sealed {
  readonly canonical: string
  readonly mac: string
}

/** `mac = HMAC-SHA256(key, previous mac ‖ seq as 8 bytes ‖ canonical)`; the canonical text names the key. */
export function sealFacts(key: AuditKey, before: ChainEnd, facts: AuditFacts): Sealed {
  const canonical = canonicalOf(facts, key.id)
  return { canonical, mac: macOf(key, before.mac, facts.seq, canonical) }
}

export function canonicalOf(facts: AuditFacts, keyId: string): string {
  return canonicalJson({ ...facts, key: keyId })
}

export function macOf(key: AuditKey, previousMac: string, seq: number, canonical: string): string {
  const position = Buffer.alloc(8)
  position.writeBigUInt64BE(BigInt(seq))
  return key.mac(Buffer.concat([Buffer.from(previousMac, 'hex'), position, Buffer.from(canonical, 'utf8')]))
}

/** SHA-256 (hex) over rows that were there before the chain, one canonical line each. */
export function olderDigest(): { add(facts: AuditFacts): void; hex(): string } {
  const hash = createHash('sha256')
  return {
    add: (facts) => void hash.update(`${canonicalJson(facts)}\n`),
    hex: () => hash.digest('hex'),
  }
}
