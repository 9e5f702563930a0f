const block = /-----BEGIN ([A-Z0-9 ]+)-----\s+([A-Za-z0-9+/=\s]+?)\s*-----END \1-----/g

/**
 * What keeps a text from being PEM certificates (RFC 7468), by its outside only; null if nothing. A private key
 * is refused whatever else is there: such a text is stored, shown and sent.
 */
export function problemOfCertificates(pem: string): string | null {
  if (/PRIVATE KEY/.test(pem)) return 'This holds a private key; give certificates only, and keep the key'
  const labels = [...pem.matchAll(block)].map((found) => found[1])
  const rest = pem.replace(block, '').trim()
  if (labels.length === 0 || labels.some((label) => label !== 'CERTIFICATE') || /-----/.test(rest)) {
    return 'Give PEM certificates: -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----'
  }
  return null
}
