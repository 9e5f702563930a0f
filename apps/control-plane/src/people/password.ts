import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { Problem } from '@crossfade/contracts/problems'

/** Cost of scrypt (RFC 7914): N = 2^ln. The default takes about a quarter of a second and 128 MB. */
export interface PasswordCost {
  readonly ln: number
  readonly r: number
  readonly p: number
}
export const defaultCost: PasswordCost = { ln: 17, r: 8, p: 1 }

export interface Passwords {
  /** `scrypt$ln=17,r=8,p=1$<salt>$<hash>`, so that a later cost can live beside this one. */
  hash(password: string): Promise<string>
  /** With no stored hash the same work is done, so that time does not tell which addresses have an account. */
  matches(password: string, stored: string | null): Promise<boolean>
}

const keyBytes = 32
const limits = { atOnce: 2, waiting: 30 } as const

/** Hashes on the thread pool, few at once: each takes much memory, and sign-in is open to everybody. */
export function createPasswords(cost: PasswordCost = defaultCost): Passwords {
  const queue: (() => void)[] = []
  let running = 0

  const inTurn = async <T>(work: () => Promise<T>): Promise<T> => {
    if (running >= limits.atOnce) {
      if (queue.length >= limits.waiting) throw new Problem('rate_limited', { extra: { retryAfter: 5 } })
      await new Promise<void>((resolve) => queue.push(resolve))
    } else running += 1
    try {
      return await work()
    } finally {
      const next = queue.shift()
      if (next) next()
      else running -= 1
    }
  }

  return {
    async hash(password) {
      const salt = randomBytes(16)
      const key = await inTurn(() => derive(password, salt, cost))
      return `scrypt$ln=${cost.ln},r=${cost.r},p=${cost.p}$${salt.toString('base64url')}$${key.toString('base64url')}`
    },
    async matches(password, stored) {
      const parts = stored === null ? null : readStored(stored)
      const salt = parts?.salt ?? Buffer.alloc(16)
      const key = await inTurn(() => derive(password, salt, parts?.cost ?? cost))
      return parts !== null && parts.key.length === key.length && timingSafeEqual(parts.key, key)
    },
  }
}

function derive(password: string, salt: Buffer, { ln, r, p }: PasswordCost): Promise<Buffer> {
  const options = { N: 2 ** ln, r, p, maxmem: 256 * 2 ** ln * r }
  return new Promise((resolve, reject) => {
    // NFC, so that the same password typed on another keyboard is the same bytes (RFC 8265).
    scrypt(password.normalize('NFC'), salt, keyBytes, options, (error, key) =>
      error ? reject(error) : resolve(key),
    )
  })
}

function readStored(stored: string): { cost: PasswordCost; salt: Buffer; key: Buffer } | null {
  const found = /^scrypt\$ln=(\d{1,2}),r=(\d{1,3}),p=(\d{1,3})\$([\w-]+)\$([\w-]+)$/.exec(stored)
  if (!found) return null
  const [, ln, r, p, salt = '', key = ''] = found
  return {
    cost: { ln: Number(ln), r: Number(r), p: Number(p) },
    salt: Buffer.from(salt, 'base64url'),
    key: Buffer.from(key, 'base64url'),
  }
}
