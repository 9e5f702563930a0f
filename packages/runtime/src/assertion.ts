import { createPrivateKey, generateKeyPairSync } from 'node:crypto'
import { decodeProtectedHeader, errors, jwtVerify, SignJWT } from 'jose'
import { assertionLeewaySeconds, assertionLifeSeconds } from '@crossfade/contracts/agent-identity'
import { idSchema } from '@crossfade/contracts/entities'
import { publicKeyObject, rawPublicKey } from './seal.ts'

/** How agents prove who they are (see contracts/agent-identity.ts): signing on one side, verifying on the other. */

const type = 'crossfade-agent+jwt'
const algorithm = 'EdDSA'

export interface AgentKey {
  /** Raw, base64. */
  readonly publicKey: string
  /** PKCS #8, PEM. */
  readonly privateKey: string
}

export function newAgentKey(): AgentKey {
  const { privateKey } = generateKeyPairSync('ed25519')
  return {
    publicKey: rawPublicKey(privateKey),
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}

export interface Claim {
  /** The credential, or for a first key the token, that it speaks of. */
  readonly subject: string
  readonly audience: string
}

/** `now` is the control plane's clock as far as it is known, in ms; `id` counts once. */
export function signAssertion(
  privateKey: string,
  { subject, audience, now, id }: Claim & { readonly now: number; readonly id: string },
): Promise<string> {
  const issued = Math.floor(now / 1000)
  return new SignJWT()
    .setProtectedHeader({ alg: algorithm, typ: type, kid: subject })
    .setSubject(subject)
    .setAudience(audience)
    .setJti(id)
    .setIssuedAt(issued)
    .setExpirationTime(issued + assertionLifeSeconds)
    .sign(createPrivateKey(privateKey))
}

/** Whom it claims to be of, unproved; null for what is no assertion at all. */
export function claimedSubject(assertion: string): string | null {
  try {
    return idSchema.safeParse(decodeProtectedHeader(assertion).kid).data ?? null
  } catch {
    return null
  }
}

export type AssertionVerdict =
  | { readonly kind: 'proved'; readonly id: string; readonly expiresAt: number }
  /** `untimely` is said of a good signature only. */
  | { readonly kind: 'untimely' | 'invalid' }

/** `now` in ms; any of `audiences` will do. */
export async function verifyAssertion(
  assertion: string,
  expected: {
    readonly publicKey: string
    readonly subject: string
    readonly audiences: readonly string[]
    readonly now: number
  },
): Promise<AssertionVerdict> {
  try {
    const { payload } = await jwtVerify(assertion, publicKeyObject(expected.publicKey), {
      algorithms: [algorithm],
      typ: type,
      subject: expected.subject,
      audience: [...expected.audiences],
      requiredClaims: ['jti', 'iat', 'exp'],
      maxTokenAge: assertionLifeSeconds,
      clockTolerance: assertionLeewaySeconds,
      currentDate: new Date(expected.now),
    })
    const id = idSchema.safeParse(payload.jti)
    if (!id.success) return { kind: 'invalid' }
    return { kind: 'proved', id: id.data, expiresAt: expected.now + lifeMs }
  } catch (error) {
    return { kind: isUntimely(error) ? 'untimely' : 'invalid' }
  }
}

/** After this it is refused for its age, so nobody needs to remember that it was used. */
const lifeMs = (assertionLifeSeconds + 2 * assertionLeewaySeconds) * 1000

function isUntimely(error: unknown): boolean {
  if (error instanceof errors.JWTExpired) return true
  return error instanceof errors.JWTClaimValidationFailed && error.claim === 'iat'
}
