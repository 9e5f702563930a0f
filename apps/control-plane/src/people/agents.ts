import {
  audienceOf,
  type AgentCredentialView,
  type AgentJoin,
  type AgentRenew,
  type AssertionPurpose,
} from '@crossfade/contracts/agent-identity'
import { Problem } from '@crossfade/contracts/problems'
import { claimedSubject, verifyAssertion } from '@crossfade/runtime/assertion'
import { fingerprintOf } from '@crossfade/runtime/seal'
import {
  credentialById,
  credentialByKey,
  dropUnused,
  insertCredential,
  markCredentialUsed,
  revokeCredentials,
  spendAssertion,
  type CredentialRow,
  type CredentialWithAgent,
} from '../store/agent-credentials.ts'
import { noteTokenUser, useAgentToken, type AgentTokenRow } from '../store/agent-tokens.ts'
import type { Author } from '../store/author.ts'
import { agentToJoin, hasLink, markJoined, type AgentRow } from '../store/fleet.ts'
import type { ChangeTx } from '../store/store.ts'
import type { AgentTokens } from './agent-tokens.ts'
import { refuseUnlessGood } from './credential-state.ts'
import type { PeopleParts } from './parts.ts'
import { createMemory } from './remembered.ts'
import { createSpent } from './spent.ts'

/** An agent that has proved who it is. */
export interface AgentIdentity {
  readonly agentId: string
  readonly credentialId: string
  readonly tokenId: string
  readonly environmentId: string
  readonly name: string
}

/** How agents come in: once with a token, from then on with a key of their own (rule 24). */
export interface Agents {
  /** Throws `join_refused`; asked again with the same key it gives the same answer, until that key was used. */
  join(input: AgentJoin, requestId: string): Promise<AgentCredentialView>
  /** For the agent that `admit` let in for `renew`. */
  renew(agent: AgentIdentity, input: AgentRenew, requestId: string): Promise<AgentCredentialView>
  /** Throws why not: `unauthenticated`, `credential_revoked`, `credential_expired`, `assertion_untimely`. */
  admit(assertion: string, purpose: 'link' | 'renew'): Promise<AgentIdentity>
  /** Its rights ended: it is not let in from memory either. */
  forget(agentId: string): void
}

export function createAgents(parts: PeopleParts, tokens: AgentTokens): Agents {
  const { store, clock, keys, credentialLifeMs } = parts
  const memory = createMemory<CredentialWithAgent>(clock)
  const spent = createSpent(clock)
  const now = () => new Date(clock.now())
  const audiences = (purpose: AssertionPurpose) =>
    keys.map(({ publicKey }) => audienceOf(purpose, fingerprintOf(publicKey)))

  const prove = async (assertion: string, purpose: AssertionPurpose, subject: string, publicKey: string) => {
    const expected = { publicKey, subject, audiences: audiences(purpose), now: clock.now() }
    const verdict = await verifyAssertion(assertion, expected)
    if (verdict.kind === 'proved') return verdict
    throw verdict.kind === 'untimely' ? new Problem('assertion_untimely') : notProved()
  }

  const issue = (tx: ChangeTx, agentId: string, tokenId: string, publicKey: string) => {
    const issuedAt = now()
    const expiresAt = new Date(issuedAt.getTime() + credentialLifeMs)
    return insertCredential(tx.db, { agentId, tokenId, publicKey, issuedAt, expiresAt })
  }
  const answer = (row: CredentialRow, environmentId: string): AgentCredentialView => ({
    agentId: row.agentId,
    environmentId,
    credentialId: row.id,
    issuedAt: row.issuedAt.toISOString(),
    expiresAt: row.expiresAt.toISOString(),
    keys: [...keys],
  })

  /** The answer to the first request may have been lost on its way, or with the agent that should store it. */
  const repeated = async (agentId: string | null, tokenId: string | null, publicKey: string) => {
    const known = await store.read((db) => credentialByKey(db, publicKey))
    if (known === null) return null
    const isSame = agentId === null ? known.tokenId === tokenId : known.agentId === agentId
    if (!isSame || known.firstUsedAt !== null || known.revokedAt !== null) {
      throw new Problem('join_refused', { detail: 'This key was enrolled before; make a new one' })
    }
    return answer(known, known.agent.environmentId)
  }

  const admitUnmarked = async (assertion: string, purpose: 'link' | 'renew') => {
    const subject = claimedSubject(assertion)
    if (subject === null) throw notProved()
    const { value, remembered } = await memory.find(subject, () =>
      store.read((db) => credentialById(db, subject)),
    )
    if (value === null) throw notProved()
    const proof = await prove(assertion, purpose, subject, value.publicKey)
    refuseUnlessGood(value, purpose, clock.now())
    const id = `${subject}:${proof.id}`
    if (!spent.spend(id, proof.expiresAt)) throw usedBefore()
    return { row: value, remembered, assertion: { id, expiresAt: new Date(proof.expiresAt) } }
  }

  return {
    async join({ token, name, publicKey, proof }, requestId) {
      const row = await tokens.find(token)
      await prove(proof, 'enrol', row.id, publicKey)
      const before = await repeated(null, row.id, publicKey)
      if (before !== null) return before
      const { environmentId } = row
      const { value } = await store.change(agentAuthor(name, requestId), environmentId, async (tx) => {
        const at = now()
        if (!(await useAgentToken(tx.db, row.id, at))) throw whyNot(row, at)
        const agent = await agentToJoin(tx.db, { environmentId, name, tokenId: row.id })
        refuseTakenName(agent, row, at)
        await revokeCredentials(tx.db, { agentId: agent.id }, at)
        await markJoined(tx.db, agent.id, row.id, at)
        await noteTokenUser(tx.db, row.id, agent.id)
        const credential = await issue(tx, agent.id, row.id, publicKey)
        tx.record({
          act: 'agent.join',
          object: { kind: 'agent', id: agent.id, name },
          before: null,
          after: {
            credentialId: credential.id,
            with: row.name,
            expiresAt: credential.expiresAt.toISOString(),
          },
          alsoTouches: [row.id],
        })
        return credential
      })
      return answer(value, environmentId)
    },

    async renew(agent, { publicKey, proof }, requestId) {
      const { agentId, environmentId, name } = agent
      await prove(proof, 'enrol', agent.credentialId, publicKey)
      const before = await repeated(agentId, null, publicKey)
      if (before !== null) return before
      const { value } = await store.change(
        agentAuthor(name, requestId, agentId),
        environmentId,
        async (tx) => {
          await dropUnused(tx.db, agentId)
          const credential = await issue(tx, agentId, agent.tokenId, publicKey)
          tx.record({
            act: 'agent.renew',
            object: { kind: 'agent', id: agentId, name },
            before: { credentialId: agent.credentialId },
            after: { credentialId: credential.id, expiresAt: credential.expiresAt.toISOString() },
          })
          return credential
        },
      )
      return answer(value, environmentId)
    },

    async admit(assertion, purpose) {
      const { row, remembered, assertion: used } = await admitUnmarked(assertion, purpose)
      if (!remembered) {
        await store.transaction(async (db) => {
          if (!(await spendAssertion(db, used.id, used.expiresAt))) throw usedBefore()
          await markCredentialUsed(db, row, now())
        })
      }
      const { agentId, tokenId, agent } = row
      return {
        agentId,
        credentialId: row.id,
        tokenId,
        environmentId: agent.environmentId,
        name: agent.name,
      }
    },

    forget: (agentId) => memory.forget((known) => known.agentId === agentId),
  }
}

const notProved = () =>
  new Problem('unauthenticated', { detail: 'This is not an assertion of a known agent' })
const usedBefore = () => new Problem('unauthenticated', { detail: 'This assertion was used before' })

/** Said only to somebody who holds the secret. */
function whyNot(token: AgentTokenRow, at: Date): Problem {
  const refuse = (detail: string) => new Problem('join_refused', { detail })
  if (token.revokedAt !== null) return refuse(`The token ${token.name} was revoked`)
  if (token.expiresAt !== null && token.expiresAt <= at) {
    return refuse(`The token ${token.name} expired at ${token.expiresAt.toISOString()}`)
  }
  return refuse(`The token ${token.name} is for one agent and was used`)
}

/**
 * A name belongs to whoever is connected under it; and who was revoked comes back only with a token that somebody
 * made since, or revoking one agent of a fleet would last until its next start.
 */
function refuseTakenName(agent: AgentRow, token: AgentTokenRow, at: Date): void {
  if (hasLink(agent, at) && agent.revokedAt === null && agent.retiredAt === null) {
    const detail = `An agent named ${agent.name} is connected; stop it, or choose another name`
    throw new Problem('agent_online', { detail })
  }
  if (agent.revokedAt !== null && agent.retiredAt === null && token.createdAt <= agent.revokedAt) {
    const detail = `The agent ${agent.name} was revoked; it needs a token made after that`
    throw new Problem('join_refused', { detail })
  }
}

function agentAuthor(name: string, requestId: string, id = 'joining'): Author {
  return { actor: { kind: 'agent', id, name }, source: 'agent', requestId }
}
