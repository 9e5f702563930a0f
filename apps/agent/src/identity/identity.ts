import {
  audienceOf,
  type AgentCredentialView,
  type AssertionPurpose,
} from '@crossfade/contracts/agent-identity'
import { agentTokenParts } from '@crossfade/contracts/agent-token'
import { newAgentKey, signAssertion, type AgentKey } from '@crossfade/runtime/assertion'
import type { Clock } from '@crossfade/runtime/clock'
import type { Part } from '@crossfade/runtime/lifecycle'
import type { Logger } from '@crossfade/runtime/logger'
import { trustedBy } from '../config/trust.ts'
import type { ControlDoor, DoorAnswer } from './control-door.ts'
import type { IdentityFile, StoredIdentity } from './identity-file.ts'
import { sentenceOf, type Refusal } from './refusal.ts'

/** May the link be dialed, and with what. */
export type Pass =
  | { readonly kind: 'pass'; readonly assertion: string }
  /** `isRefused`: asking again soon will not help. */
  | { readonly kind: 'none'; readonly why: string; readonly isRefused: boolean }

/** Who this agent is to its control plane (rule 24): joins once with a token, then lives on keys of its own. */
export interface Identity extends Part {
  /** Reads what is stored. Throws when there is neither an identity nor a token to get one with. */
  load(): Promise<void>
  /** Of the control plane's signing key, which must vouch for all that the agent obeys. */
  fingerprint(): string
  /** Joins or renews first where that is due. Never throws. */
  pass(): Promise<Pass>
  /** The link was refused, or ended for who we are. True: the next pass has something else to show, ask soon. */
  refused(refusal: Pick<Refusal, 'code' | 'at'>): boolean
  /** The link is up; `now` is the control plane's clock, ms. */
  linked(now: number): void
  /** When the control plane first said that this agent is revoked, by our clock; null while it is not. */
  revokedAt(): number | null
  /** For people, one sentence. */
  describe(): string
}

export interface IdentityParts {
  readonly file: IdentityFile
  readonly door: ControlDoor
  readonly token: string | null
  readonly name: string
  readonly newId: () => string
  readonly clock: Clock
  readonly random: () => number
  readonly logger: Logger
}

/** Renewed at two thirds of its life, and a little later on some, so that a fleet does not come all at once. */
const renewAfter = 2 / 3
const renewSpread = 0.02
const longestWaitMs = 3_600_000
const retry = { part: 0.02, leastMs: 1_000, mostMs: 600_000 } as const
const revoked = 'credential_revoked'

export function createIdentity(parts: IdentityParts): Identity {
  const { file, door, clock, random, logger } = parts
  const token = parts.token === null ? null : { text: parts.token, ...agentTokenParts(parts.token) }
  let stored: StoredIdentity | null = null
  /** How far the control plane's clock is ahead of ours, as far as we know. */
  let skewMs = 0
  /** What the control plane holds against the present credential. */
  let objection: string | null = null
  let why: string | null = null
  let cancelRenewal = () => {}
  let isStopped = true
  /** One conversation about credentials at a time. */
  let queue: Promise<unknown> = Promise.resolve()

  const theirNow = () => clock.now() + skewMs
  const inTurn = <T>(job: () => Promise<T>): Promise<T> => {
    const result = queue.then(job)
    queue = result.catch(() => {})
    return result
  }
  /** On the medium first, in use afterwards: what is in use survives a crash. */
  const keep = async (next: StoredIdentity): Promise<StoredIdentity> => {
    await file.write(next)
    return (stored = next)
  }
  const heard = (at: number | null) => {
    if (at !== null) skewMs = at - clock.now()
  }
  const assert = (key: AgentKey, purpose: AssertionPurpose, subject: string, fingerprint: string) =>
    signAssertion(key.privateKey, {
      subject,
      audience: audienceOf(purpose, fingerprint),
      now: theirNow(),
      id: parts.newId(),
    })

  /** Asks; when only our clock was wrong, once more with the other side's. */
  const ask = async (request: () => Promise<DoorAnswer>): Promise<DoorAnswer> => {
    const first = await request()
    if (first.kind !== 'refused' || first.refusal.code !== 'assertion_untimely') return first
    heard(first.refusal.at)
    return request()
  }

  const take = async (
    base: StoredIdentity,
    key: AgentKey,
    given: AgentCredentialView,
    joinedWith: string | null,
  ): Promise<void> => {
    const { credentialId, issuedAt, expiresAt, agentId: id, environmentId } = given
    await keep({
      ...base,
      joinedWith,
      agent: { id, environmentId },
      current: { ...key, credentialId, issuedAt, expiresAt },
      next: null,
      revokedAt: null,
    })
    objection = null
    why = null
    planRenewal()
  }

  const join = async (): Promise<Pass | null> => {
    if (token === null) return none('It has no credential that is good, and no CROSSFADE_AGENT_TOKEN', true)
    const { id, fingerprint, text } = token
    const key = stored?.next ?? newAgentKey()
    const base = await keep({
      ...(stored ?? { format: 1, joinedWith: null, agent: null, current: null, revokedAt: null }),
      // Until it has joined, the pin is still that of what it was.
      fingerprint: stored?.current ? stored.fingerprint : fingerprint,
      next: key,
    })
    const answer = await ask(async () =>
      door.join({
        token: text,
        name: parts.name,
        publicKey: key.publicKey,
        proof: await assert(key, 'enrol', id, fingerprint),
      }),
    )
    if (answer.kind === 'refused') {
      objection = null
      // Any other answer may be to a request whose like was granted before: then this key is the one.
      if (answer.refusal.code === 'join_refused') await keep({ ...base, next: null })
      return none(`Cannot join: ${sentenceOf(answer.refusal)}`, isFinal(answer.refusal))
    }
    heard(answer.at)
    const { credential } = answer
    if (trustedBy(credential.keys, fingerprint).length === 0) {
      return none('Cannot join: the control plane does not hold the key that the token names', true)
    }
    await take({ ...base, fingerprint }, key, credential, id)
    logger.info({ agentId: credential.agentId, expiresAt: credential.expiresAt }, 'Joined')
    return null
  }

  const renew = async (): Promise<Pass | null> => {
    if (!stored?.current) return null
    const { current, fingerprint } = stored
    const key = stored.next ?? newAgentKey()
    const base = await keep({ ...stored, next: key })
    const answer = await ask(async () =>
      door.renew(await assert(current, 'renew', current.credentialId, fingerprint), {
        publicKey: key.publicKey,
        proof: await assert(key, 'enrol', current.credentialId, fingerprint),
      }),
    )
    if (answer.kind === 'refused') {
      if (answer.refusal.code === 'join_refused') await keep({ ...base, next: null })
      note(answer.refusal)
      return none(`Cannot renew its credential: ${sentenceOf(answer.refusal)}`, isFinal(answer.refusal))
    }
    heard(answer.at)
    await take(base, key, answer.credential, base.joinedWith)
    logger.info({ expiresAt: answer.credential.expiresAt }, 'The credential was renewed')
    return null
  }

  const note = ({ code, at }: Pick<Refusal, 'code' | 'at'>) => {
    heard(at)
    if (code === null || code === 'assertion_untimely') return
    if (code !== revoked && code !== 'credential_expired' && code !== 'unauthenticated') return
    objection = code
    if (code !== revoked || !stored || stored.revokedAt !== null) return
    logger.error({ agentId: stored.agent?.id }, 'The control plane has revoked this agent')
    stored = { ...stored, revokedAt: clock.now() }
    const revokedNow = stored
    void inTurn(() => file.write(revokedNow)).catch((error: unknown) =>
      logger.error({ err: error }, 'The revocation is not stored'),
    )
  }

  /** A token may bring it back, but not the one that it joined with once that or the agent was revoked. */
  const mayJoin = () => token !== null && (objection !== revoked || token.id !== stored?.joinedWith)

  const none = (sentence: string, isRefused: boolean): Pass => {
    why = sentence
    return { kind: 'none', why: sentence, isRefused }
  }

  const isExpired = (): boolean => {
    const current = stored?.current
    return !!current && theirNow() >= Date.parse(current.expiresAt)
  }

  const preparing = async (): Promise<Pass | null> => {
    if (!stored?.current) return join()
    if (objection === null) return isExpired() ? renew() : null
    // It may have been renewed on the other side of a crash, or be too old: the other door tells.
    if (objection === 'credential_expired') {
      const refused = await renew()
      if (refused === null) return null
    }
    // What is refused now may be known again later (a database brought back): ask with what we have, too.
    if (!mayJoin()) {
      objection = null
      return null
    }
    return join()
  }

  const opening = async (): Promise<Pass> => {
    if (!stored?.current) return none('It has no credential', true)
    const { current, fingerprint } = stored
    const assertion = await assert(current, 'link', current.credentialId, fingerprint)
    return { kind: 'pass', assertion }
  }

  const planRenewal = () => {
    cancelRenewal()
    const current = stored?.current
    if (isStopped || !current) return
    const [from, to] = [Date.parse(current.issuedAt), Date.parse(current.expiresAt)]
    const due = from + (to - from) * (renewAfter + random() * renewSpread)
    // An hour at most: the machine may have slept, and its clock may have been set.
    const wait = Math.min(Math.max(due - theirNow(), 0), longestWaitMs)
    cancelRenewal = clock.after(wait, () => void renewWhenDue(due))
  }
  const renewWhenDue = async (due: number) => {
    if (theirNow() < due) return planRenewal()
    const current = stored?.current
    if (!current) return
    const failed = await inTurn(async () => (stored?.current === current ? renew() : null)).catch(
      (error: unknown) => none(`Cannot renew its credential: ${messageOf(error)}`, false),
    )
    if (failed?.kind !== 'none') return
    logger.warn({ why: failed.why, expiresAt: current.expiresAt }, 'The credential is not renewed yet')
    const life = Date.parse(current.expiresAt) - Date.parse(current.issuedAt)
    const most = Math.min(Math.max(life * retry.part, retry.leastMs), retry.mostMs)
    if (!isStopped) cancelRenewal = clock.after(most * (0.5 + random() / 2), () => void renewWhenDue(due))
  }

  return {
    name: 'identity',
    async load() {
      try {
        stored = await file.read()
      } catch (error) {
        if (token === null) throw error
        logger.error({ err: error }, 'The stored identity cannot be used; joining anew')
      }
      if (stored !== null || token !== null) return
      throw new Error('CROSSFADE_AGENT_TOKEN: an agent without an identity in its state directory needs one')
    },
    async start() {
      isStopped = false
      planRenewal()
    },
    async stop() {
      isStopped = true
      cancelRenewal()
      await queue
    },
    // Until it has joined, the token in hand says whom to trust.
    fingerprint: () =>
      (stored?.current ? stored.fingerprint : (token?.fingerprint ?? stored?.fingerprint)) ?? '',
    pass() {
      // What is good opens links also while its renewal waits for an answer that may never come (AG-03).
      if (stored?.current && objection === null && !isExpired()) return opening()
      return inTurn(async () => (await preparing()) ?? opening()).catch((error: unknown) =>
        none(`Cannot get a credential: ${messageOf(error)}`, false),
      )
    },
    refused(refusal) {
      note(refusal)
      const { code } = refusal
      if (code === 'assertion_untimely' || code === 'credential_expired') return true
      return (code === revoked || code === 'unauthenticated') && mayJoin()
    },
    linked(now) {
      heard(now)
      objection = null
      why = null
      if (!stored || stored.revokedAt === null) return
      const again = { ...stored, revokedAt: null }
      void inTurn(() => keep(again)).catch((error: unknown) => logger.error({ err: error }))
    },
    revokedAt: () => stored?.revokedAt ?? null,
    describe() {
      if (stored?.revokedAt != null) return 'revoked'
      if (why !== null) return why
      if (!stored?.current) return 'has not joined yet'
      return `agent ${stored.agent?.id}, credential until ${stored.current.expiresAt}`
    },
  }
}

/** Somebody has to do something; asking at once again would only fill logs. */
function isFinal({ status }: Refusal): boolean {
  return status >= 400 && status < 500 && status !== 429 && status !== 408
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
