import { createHmac } from 'node:crypto'

const prefix = 'whsec_'

/** 256 random bits, as receivers' libraries take them. */
export function newSecret(random: (bytes: number) => Uint8Array): string {
  return prefix + Buffer.from(random(32)).toString('base64')
}

/**
 * The headers of Standard Webhooks 1.0: an id that stays the same however often it is sent, the second it was sent
 * in, and a signature of both with the body, one for each secret in force. `at`: ms since the epoch.
 */
export function signedHeaders(
  message: { readonly id: string; readonly at: number; readonly body: string },
  secrets: readonly string[],
): Readonly<Record<string, string>> {
  const timestamp = String(Math.floor(message.at / 1_000))
  const signed = `${message.id}.${timestamp}.${message.body}`
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.slice(prefix.length), 'base64')
    return `v1,${createHmac('sha256', key).update(signed).digest('base64')}`
  })
  return {
    'webhook-id': message.id,
    'webhook-timestamp': timestamp,
    'webhook-signature': signatures.join(' '),
  }
}
