/** A fresh key for one write. `crypto.randomUUID` does not exist on plain http, `getRandomValues` does. */
export function newIdempotencyKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
