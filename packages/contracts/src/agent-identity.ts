import { z } from 'zod'
import { agentTokenSchema } from './agent-token.ts'
import { timestampSchema } from './api/common.ts'
import { idSchema, nameSchema } from './entities.ts'
import { keyChainSchema } from './snapshot.ts'

/**
 * Who an agent is (rule 24). It joins once with a token, enrolling the public half of an Ed25519 key that never
 * leaves it. From then on it shows short assertions signed with that key: JWS (RFC 7515) with `alg` EdDSA
 * (RFC 8037), the credential's id as `kid` and `sub`, an audience, `iat`, `exp` and a `jti` that counts once.
 */
export const joinPath = '/api/v1/agents/join'
export const renewPath = '/api/v1/agents/renew'

/** What an assertion opens. `enrol` proves that the sender has the key that it wants enrolled. */
export type AssertionPurpose = 'link' | 'renew' | 'enrol'

/** For one door of one control plane: `fingerprint` is that of its signing key, as the agent pinned it. */
export function audienceOf(purpose: AssertionPurpose, fingerprint: string): string {
  return `crossfade:${purpose}:${fingerprint}`
}

export const assertionLifeSeconds = 60
/** How far the two clocks may be apart. */
export const assertionLeewaySeconds = 30

/** Raw Ed25519, base64: 32 bytes. */
export const publicKeySchema = z.string().regex(/^[A-Za-z0-9+/]{43}=$/, 'Give a raw Ed25519 key in base64')
const assertionSchema = z.string().max(1_000)

/** `proof` is an assertion with the new key for `enrol`, whose subject is the token's id. */
export const agentJoinSchema = z.strictObject({
  token: agentTokenSchema,
  name: nameSchema,
  publicKey: publicKeySchema,
  proof: assertionSchema,
})
export type AgentJoin = z.infer<typeof agentJoinSchema>

/** Sent with an assertion for `renew`; the subject of `proof` is the id of the credential to be renewed. */
export const agentRenewSchema = z.strictObject({ publicKey: publicKeySchema, proof: assertionSchema })
export type AgentRenew = z.infer<typeof agentRenewSchema>

/** What a join or renewal gives; nothing in it is secret. The same key asked for again gets the same answer. */
export const agentCredentialSchema = z.object({
  agentId: idSchema,
  environmentId: idSchema,
  credentialId: idSchema,
  issuedAt: timestampSchema,
  expiresAt: timestampSchema,
  keys: keyChainSchema,
})
export type AgentCredentialView = z.infer<typeof agentCredentialSchema>
