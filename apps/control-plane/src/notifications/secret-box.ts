import { createCipheriv, createDecipheriv } from 'node:crypto'
import type { AuditKeys } from '../audit/audit-keys.ts'

/** Keeps what the server must use and nobody may read, in a database that may be read by others. */
export interface SecretBox {
  /** `context` says whose it is: sealed text moved elsewhere does not open. */
  seal(text: string, context: string): string
  /** Null when it was altered, moved, or sealed with a key that is not given any more. */
  open(sealed: string, context: string): string | null
}

const purpose = 'crossfade notification secrets'
const ivBytes = 12
const tagBytes = 16

/**
 * AES-256-GCM (NIST SP 800-38D) with a random 96-bit IV. The key is derived from the audit key, which is not in
 * the database; a key before it still opens what it sealed. Text: key id, `.`, base64url of IV, tag and ciphertext.
 */
export function secretBox(keys: AuditKeys, random: (bytes: number) => Uint8Array): SecretBox {
  return {
    seal(text, context) {
      const key = keys.current
      const iv = random(ivBytes)
      const cipher = createCipheriv('aes-256-gcm', key.derive(purpose), iv)
      cipher.setAAD(Buffer.from(context))
      const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
      return `${key.id}.${Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64url')}`
    },
    open(sealed, context) {
      const [id = '', body = ''] = sealed.split('.')
      const key = keys.find(id)
      const bytes = Buffer.from(body, 'base64url')
      if (key === null || bytes.length < ivBytes + tagBytes) return null
      try {
        const options = { authTagLength: tagBytes }
        const opener = createDecipheriv(
          'aes-256-gcm',
          key.derive(purpose),
          bytes.subarray(0, ivBytes),
          options,
        )
        opener.setAAD(Buffer.from(context))
        opener.setAuthTag(bytes.subarray(ivBytes, ivBytes + tagBytes))
        const text = [opener.update(bytes.subarray(ivBytes + tagBytes)), opener.final()]
        return Buffer.concat(text).toString('utf8')
      } catch {
        return null
      }
    },
  }
}
