/**
 * SHA-256 (hex) of a caller key, computed here so that the key itself never leaves the browser. Browsers offer
 * `crypto.subtle` on https and localhost only; elsewhere this says so instead of sending the key.
 */
export async function digestOfKey(key: string, subtle: SubtleCrypto | undefined): Promise<string> {
  if (subtle === undefined) throw new Error('This page needs https (or localhost) to digest a key')
  const digest = await subtle.digest('SHA-256', new TextEncoder().encode(key))
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** A key nobody can guess: 32 random bytes, URL-safe. */
export function newKey(random: (bytes: Uint8Array<ArrayBuffer>) => Uint8Array): string {
  const bytes = random(new Uint8Array(32))
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')
}
