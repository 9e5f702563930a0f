import { randomBytes } from 'node:crypto'

/** 256 random bits in the URL's own alphabet. */
export function randomSecret(): string {
  return randomBytes(32).toString('base64url')
}

/** 256 random bits in hexadecimal, for places where `_` separates. */
export function randomHex(): string {
  return randomBytes(32).toString('hex')
}
