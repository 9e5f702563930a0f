import {
  audienceOf,
  type AgentCredentialView,
  type AssertionPurpose,
} from '@crossfade/contracts/agent-identity'
import { agentTokenParts } from '@crossfade/contracts/agent-token'
import { agentTokenInputSchema } from '@crossfade/contracts/api/agents'
import { Problem } from '@crossfade/contracts/problems'
import { everywhere } from '@crossfade/contracts/roles'
import { newAgentKey, signAssertion, type AgentKey } from '@crossfade/runtime/assertion'
import { fingerprintOf } from '@crossfade/runtime/seal'
import { manualClock, type ManualClock } from '@crossfade/testkit/manual-clock'
import type { Granter } from '../store/author.ts'
import { openStoreForTest } from '../store/open-for-test.ts'
import type { Store } from '../store/store.ts'
import { createPeople, type People } from './people.ts'

/** Cheap enough for tests; everything else about passwords is as in earnest. */
export const cheapPasswords = { ln: 4, r: 8, p: 1 } as const
export const testPublicKey = Buffer.alloc(32, 7).toString('base64')
export const testKeys = [{ publicKey: testPublicKey, signature: null }]

export interface PeopleHouse {
  readonly store: Store
  readonly clock: ManualClock
  readonly people: People
}

/** `beside` gives another control plane on the same database. */
export async function openPeople(
  publicUrl = 'http://127.0.0.1:4400',
  beside?: Pick<PeopleHouse, 'store' | 'clock'>,
): Promise<PeopleHouse> {
  const clock = beside?.clock ?? manualClock(Date.UTC(2026, 0, 1))
  const store = beside?.store ?? (await openStoreForTest())
  const people = createPeople({
    store,
    clock,
    publicUrl,
    keys: testKeys,
    passwordCost: cheapPasswords,
  })
  return { store, clock, people }
}

export const aPerson: Granter = {
  actor: { kind: 'user', id: 'someone', name: 'Someone' },
  source: 'dashboard',
  requestId: 'request-1',
  access: everywhere('admin'),
}

/** An agent's side of the door. */
export interface AgentForTest {
  readonly key: AgentKey
  readonly credential: AgentCredentialView
  /** A fresh one each time; `of` names another credential or key. */
  readonly assertion: (
    purpose?: AssertionPurpose,
    of?: { subject?: string; key?: AgentKey; now?: number },
  ) => Promise<string>
}

let assertions = 0
const oursOnly = fingerprintOf(testPublicKey)

export function proofOf(
  key: AgentKey,
  subject: string,
  { purpose = 'enrol', now, fingerprint = oursOnly }: ProofOptions,
): Promise<string> {
  const audience = audienceOf(purpose, fingerprint)
  return signAssertion(key.privateKey, { subject, audience, now, id: `assertion-${++assertions}` })
}
interface ProofOptions {
  readonly purpose?: AssertionPurpose
  /** ms */
  readonly now: number
  readonly fingerprint?: string
}

/** Joins with this token, or with a new one for many. */
export async function joinForTest(
  house: Pick<PeopleHouse, 'people' | 'clock'>,
  name: string,
  options: { readonly token?: string; readonly key?: AgentKey } = {},
): Promise<AgentForTest> {
  const { people, clock } = house
  const key = options.key ?? newAgentKey()
  const token = options.token ?? (await people.agentTokens.create(aPerson, tokenInput('many'))).token
  const proof = await proofOf(key, agentTokenParts(token).id, { now: clock.now() })
  const credential = await people.agents.join({ token, name, publicKey: key.publicKey, proof }, 'request-1')
  return {
    key,
    credential,
    assertion: (purpose = 'link', of = {}) =>
      proofOf(of.key ?? key, of.subject ?? credential.credentialId, { purpose, now: of.now ?? clock.now() }),
  }
}

export const tokenInput = (uses: 'once' | 'many', name = 'edge', environmentId = 'default') =>
  agentTokenInputSchema.parse({ name, environmentId, uses })

/** The code of the refusal, or `accepted`. */
export async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work
    return 'accepted'
  } catch (error) {
    if (error instanceof Problem) return error.code
    throw error
  }
}

/** The first administrator, through the link that is printed at start. */
export async function becomeAdministrator(
  people: People,
  email = 'ada@example.com',
  password = 'correct horse',
) {
  const { token } = await people.issueLink('first-administrator')
  return await people.links.accept({ token, email, name: 'Ada', password }, null)
}
