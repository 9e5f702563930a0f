import { bytesOfText } from './bytes.ts'
import { WHOLE, type ByteString } from './model.ts'

/**
 * Where an identity stands in its cohort: a whole number 0…9 999, new when it is below the share (rule 8).
 * Frozen by `vectors/bucket.json`: agents in any language must agree to the bit.
 */
export function bucketOf(cohort: string, identity: ByteString): number {
  return bucketOfBytes(saltOf(cohort), identity)
}

/** What stands before the identity in the hashed bytes; computed once per cohort on the request path. */
export function saltOf(cohort: string): ByteString {
  return bytesOfText(`${cohort}:`)
}

export function bucketOfBytes(salt: ByteString, identity: ByteString): number {
  return murmur3(salt + identity) % WHOLE
}

/** MurmurHash3 x86_32 over bytes (low eight bits of each character); an unsigned 32-bit number. */
export function murmur3(bytes: ByteString, seed = 0): number {
  const length = bytes.length
  const whole = length & ~3
  let hash = seed | 0
  for (let i = 0; i < whole; i += 4) {
    const block =
      (bytes.charCodeAt(i) & 0xff) |
      ((bytes.charCodeAt(i + 1) & 0xff) << 8) |
      ((bytes.charCodeAt(i + 2) & 0xff) << 16) |
      ((bytes.charCodeAt(i + 3) & 0xff) << 24)
    hash ^= scramble(block)
    hash = (hash << 13) | (hash >>> 19)
    hash = (Math.imul(hash, 5) + 0xe6546b64) | 0
  }
  let tail = 0
  for (let i = length - 1; i >= whole; i--) tail = (tail << 8) | (bytes.charCodeAt(i) & 0xff)
  if (length > whole) hash ^= scramble(tail)

  hash ^= length
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

function scramble(block: number): number {
  const mixed = Math.imul(block, 0xcc9e2d51)
  return Math.imul((mixed << 15) | (mixed >>> 17), 0x1b873593)
}
