import { z } from 'zod'

/**
 * `cfa_<id>_<secret>_<fingerprint>`: the fingerprint of the control plane's signing key travels with the
 * token, so the agent trusts nothing on first use (rule 24). Fingerprint: first 32 hex digits of the
 * SHA-256 of the raw Ed25519 public key.
 */
export const agentTokenSchema = z
  .string()
  .regex(/^cfa_[A-Za-z0-9-]{1,64}_[A-Za-z0-9-]{32,64}_[0-9a-f]{32}$/, 'Not an agent token (cfa_…)')

export interface AgentTokenParts {
  readonly id: string
  readonly secret: string
  readonly fingerprint: string
}

export function agentTokenParts(token: string): AgentTokenParts {
  const [, id = '', secret = '', fingerprint = ''] = agentTokenSchema.parse(token).split('_')
  return { id, secret, fingerprint }
}
