/** The one list of what is a secret by its name, and of what looks like one wherever it stands. */

/** Also as part of a longer name: `x-access-token`, `client_secret`, `passwordHash`. */
const ending =
  /(password|passwd|passphrase|passwordhash|secret|token|credentials?|authorization|signature|jwt|api[-_]?key)$|(^|[-_])(key|cookie|auth|sig|session)$/i
/** Of headers: `x-token-2`, `set-cookie2`. */
const within = /^set-cookie2?$|^cookie2$|(^|-)(api-?key|token|secret|password|key)-/i

/** Whether the value of a header, cookie, query parameter or field with this name is never to be shown. */
export function isSecretName(name: string): boolean {
  return ending.test(name) || within.test(name)
}

export const BLOTTED = '[redacted]'

/** Tokens in compact form (RFC 7515), and keys that we make. */
const credential = /eyJ[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_.-]{6,}|\bcf[a-z]{1,2}_[A-Za-z0-9_-]{20,}/g

/** Text from outside without anything that looks like a credential. */
export function blotted(text: string): string {
  if (!text.includes('eyJ') && !text.includes('cf')) return text
  return text.replace(credential, BLOTTED)
}

/** A request target or an address, without the values of query parameters that are secrets by their name. */
export function blottedTarget(target: string): string {
  const mark = target.indexOf('?')
  if (mark === -1) return blotted(target)
  // Split, because a pattern that looks for the `=` would try at each letter of a long name without one.
  const pairs = target.slice(mark + 1).split('&')
  return blotted(`${target.slice(0, mark)}?${pairs.map(blottedPair).join('&')}`)
}

function blottedPair(pair: string): string {
  const equals = pair.indexOf('=')
  const name = pair.slice(0, Math.max(0, equals))
  const isSecret = equals < pair.length - 1 && isSecretName(decoded(name))
  return equals >= 0 && isSecret ? `${name}=${BLOTTED}` : pair
}

function decoded(name: string): string {
  return name.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
}
