/** Letters, digits and the separators that usual ids have; nothing that could break a log line. */
export function isRequestId(text: string): boolean {
  return /^[A-Za-z0-9._:+/=@-]{1,128}$/.test(text)
}

const BYTE = Array.from({ length: 256 }, (_, value) => value.toString(16).padStart(2, '0'))

/** `bytes` random bytes as hex. Unique enough to tell requests apart, not a secret. From a table: each request asks. */
export function randomHex(bytes: number, random: () => number): string {
  let hex = ''
  for (let left = bytes; left > 0; left -= 4) {
    const word = Math.floor(random() * 0x1_0000_0000)
    hex += `${BYTE[word >>> 24]}${BYTE[(word >>> 16) & 255]}${BYTE[(word >>> 8) & 255]}${BYTE[word & 255]}`
  }
  return hex.slice(0, 2 * bytes)
}
