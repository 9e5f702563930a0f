import { blotted, BLOTTED } from '@crossfade/core/secrets'
import type { AddressPolicy } from '@crossfade/core/address-policy'
import type { Notification } from '@crossfade/contracts/api/webhooks'
import type { Clock } from '@crossfade/runtime/clock'
import { fetchConfigured, FetchError } from '@crossfade/runtime/fetch-configured'
import type { FindAddresses } from '@crossfade/runtime/guarded-lookup'
import { plainText } from '@crossfade/runtime/plain-text'
import type { Attempt, Claimed } from '../store/deliveries.ts'
import { secretsOf, type WebhookRow } from '../store/webhooks.ts'
import { askedToWait } from './retries.ts'
import type { SecretBox } from './secret-box.ts'
import { signedHeaders } from './sign.ts'
import { slackBody } from './slack.ts'

export interface SendParts {
  readonly box: SecretBox
  readonly addresses: AddressPolicy
  readonly clock: Clock
  readonly userAgent: string
  /** The system's resolver if absent. */
  readonly find?: FindAddresses
}

export interface Sent {
  readonly attempt: Attempt
  /** The receiver asks for this much time, ms. */
  readonly askedMs: number | null
  /** The receiver wants no more, ever. */
  readonly isGone: boolean
}

const timeoutMs = 10_000
const maxBytes = 64 * 1024
const excerptLength = 500

/** One attempt. Whatever goes wrong with it is in the answer. */
export async function send(
  parts: SendParts,
  { delivery, webhook }: Claimed,
  notifications: readonly Notification[],
): Promise<Sent> {
  const { clock } = parts
  const began = clock.monotonic()
  const at = clock.now()
  const done = (status: number | null, error: string | null, excerpt = ''): Attempt => {
    return {
      at: new Date(at).toISOString(),
      ms: Math.round(clock.monotonic() - began),
      status,
      error,
      excerpt,
    }
  }
  const opened = openSecrets(parts.box, webhook, at)
  if (opened === null) return failed(done(null, unreadable))
  const { url, secrets } = opened
  const body = webhook.kind === 'slack' ? slackBody(notifications) : JSON.stringify(notifications[0])
  try {
    const {
      status,
      headers,
      body: answer,
    } = await fetchConfigured(url, {
      purpose: 'webhook',
      policy: parts.addresses,
      clock,
      timeoutMs,
      maxBytes,
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'user-agent': parts.userAgent,
        ...(webhook.kind === 'webhook' && signedHeaders({ id: delivery.id, at, body }, secrets)),
      },
      body,
      ...(parts.find && { find: parts.find }),
    })
    const excerpt = excerptOf(answer, [url, ...secrets])
    const isDelivered = status >= 200 && status < 300
    return {
      attempt: done(status, isDelivered ? null : `answered ${status}`, excerpt),
      askedMs: askedToWait(headers['retry-after'], at),
      isGone: status === 410,
    }
  } catch (error) {
    if (!(error instanceof FetchError)) throw error
    return failed(done(null, error.message))
  }
}

const unreadable =
  'Its address or secret was sealed with an audit key that is not given any more; save it again'

function failed(attempt: Attempt): Sent {
  return { attempt, askedMs: null, isGone: false }
}

function openSecrets(box: SecretBox, webhook: WebhookRow, now: number) {
  const url = box.open(webhook.address, webhook.id)
  const secrets = secretsOf(webhook)
    .filter(({ expiresAt }) => expiresAt === null || Date.parse(expiresAt) > now)
    .map(({ sealed }) => box.open(sealed, webhook.id))
  const known = secrets.filter((secret) => secret !== null)
  const canSign = webhook.kind === 'slack' || known.length > 0
  return url === null || !canSign ? null : { url, secrets: known }
}

/**
 * The beginning of an answer, as text that is shown and never obeyed. A receiver may say back what it was asked, so
 * secrets are looked for before it is cut: half of one would not be found.
 */
function excerptOf(answer: Buffer, secrets: readonly string[]): string {
  const text = secrets.reduce((rest, secret) => rest.replaceAll(secret, BLOTTED), answer.toString('utf8'))
  return Array.from(plainText(blotted(text)))
    .slice(0, excerptLength)
    .join('')
}
