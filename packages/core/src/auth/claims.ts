import { bytesOfText } from '../bytes.ts'
import type { ByteString } from '../model.ts'
import type { Claims, Issuer, RequiredClaim } from './auth.ts'

/** A claim by its name, or by a pointer such as `/realm_access/roles` (RFC 6901). Only what the token itself holds. */
export function claimAt(claims: Claims, name: string): unknown {
  if (Object.hasOwn(claims, name)) return claims[name]
  if (!name.startsWith('/')) return undefined
  let value: unknown = claims
  for (const part of name.slice(1).split('/')) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~')
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
    value = Reflect.get(value, key)
  }
  return value
}

/** A claim that stands for somebody (rule 9): a string, or an integer in decimal; anything else counts as missing. */
export function claimBytes(claims: Claims, name: string): ByteString | undefined {
  const claim = claimAt(claims, name)
  if (typeof claim === 'string') return bytesOfText(claim)
  return Number.isSafeInteger(claim) ? String(claim) : undefined
}

/** The values of a claim as text: one, or those of a list. `scope` is a list with blanks (RFC 8693 section 4.2). */
export function claimTexts(claims: Claims, name: string): string[] {
  const claim = claimAt(claims, name)
  if (name === 'scope' && typeof claim === 'string') return claim.split(' ').filter((part) => part !== '')
  return (Array.isArray(claim) ? claim : [claim]).flatMap(textOf)
}

export function meets(claims: Claims, required: readonly RequiredClaim[]): boolean {
  return required.every(({ claim, values }) => {
    const texts = claimTexts(claims, claim)
    return values.length === 0 ? texts.length > 0 : texts.some((text) => values.includes(text))
  })
}

/**
 * Whether claims with a good signature are this issuer's, for us, and hold now (RFC 7519 section 4.1): `iss` and
 * `aud` exactly, `exp` required, `exp`, `nbf` and `iat` with the issuer's leeway. `now` in ms since the epoch.
 */
export function areInForce(
  claims: Claims,
  { issuer, audiences, leewaySeconds }: Issuer,
  now: number,
): boolean {
  if (claims['iss'] !== issuer) return false
  const aud: unknown = claims['aud']
  const audience: readonly unknown[] = Array.isArray(aud) ? aud : [aud]
  if (!audience.some((one) => typeof one === 'string' && audiences.includes(one))) return false
  const leeway = leewaySeconds * 1_000
  const until = expiryOf(claims)
  if (until === null || now >= until + leeway) return false
  return startsBy(claims['nbf'], now + leeway) && startsBy(claims['iat'], now + leeway)
}

/** Ms since the epoch; null when the token does not say. */
export function expiryOf(claims: Claims): number | null {
  const exp: unknown = claims['exp']
  return typeof exp === 'number' && Number.isFinite(exp) ? exp * 1_000 : null
}

function startsBy(time: unknown, now: number): boolean {
  if (time === undefined) return true
  return typeof time === 'number' && Number.isFinite(time) && time * 1_000 <= now
}

function textOf(value: unknown): string[] {
  if (typeof value === 'string') return value === '' ? [] : [value]
  if (typeof value === 'boolean') return [String(value)]
  return typeof value === 'number' && Number.isFinite(value) ? [String(value)] : []
}
