/** Letters, digits and the separators that usual ids have; nothing that could break a log line. */
export function isRequestId(text: string): boolean {
  return /^[A-Za-z0-9._:+/=@-]{1,128}$/.test(text)
}

/** `bytes` random bytes as hex. Unique enough to tell requests apart, not a secret. */
export function randomHex(bytes: number, random: () => number): string {
  let hex = ''
  while (hex.length < 2 * bytes) {
    hex += Math.floor(random() * 0x1_0000_0000)
      .toString(16)
      .padStart(8, '0')
  }
  return hex.slice(0, 2 * bytes)
}
