import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { agentTokenParts } from '@crossfade/contracts/agent-token'
import { newAgentKey } from '@crossfade/runtime/assertion'
import { fingerprintOf } from '@crossfade/runtime/seal'
import type { AgentIdentity } from './agents.ts'
import {
  aPerson,
  codeOf,
  joinForTest,
  openPeople,
  proofOf,
  testPublicKey,
  tokenInput,
  type AgentForTest,
  type PeopleHouse,
} from './people-for-test.ts'

let house: PeopleHouse
beforeAll(async () => {
  house = await openPeople()
})
afterAll(() => house.store.close())

const minute = 60_000
const day = 24 * 60 * minute
let names = 0
let name = ''
beforeEach(() => {
  name = `edge-${++names}`
})

const tokenFor = (uses: 'once' | 'many') => house.people.agentTokens.create(aPerson, tokenInput(uses))
const join = (token?: string, more: { key?: AgentForTest['key']; as?: string } = {}) =>
  joinForTest(house, more.as ?? name, { ...(token !== undefined && { token }), ...more })
const admit = async (agent: AgentForTest, purpose: 'link' | 'renew' = 'link'): Promise<AgentIdentity> =>
  house.people.agents.admit(await agent.assertion(purpose), purpose)
const agentRow = () => house.store.prisma.agent.findFirstOrThrow({ where: { name } })
const actsOn = async (id: string) =>
  (await house.store.prisma.change.findMany({ where: { objectId: id }, orderBy: { seq: 'asc' } })).map(
    ({ act }) => act,
  )

/** Enrols the next key, as the agent does; what it answers with makes assertions of its own. */
async function renew(agent: AgentForTest, key = newAgentKey()): Promise<AgentForTest> {
  const identity = await admit(agent, 'renew')
  const proof = await proofOf(key, identity.credentialId, { now: house.clock.now() })
  const credential = await house.people.agents.renew(identity, { publicKey: key.publicKey, proof }, 'r')
  return {
    key,
    credential,
    assertion: (purpose = 'link', of = {}) =>
      proofOf(of.key ?? key, of.subject ?? credential.credentialId, { purpose, now: house.clock.now() }),
  }
}

describe('a token', () => {
  it('carries the fingerprint of the signing key, and is stored as a digest only', async () => {
    const { token, id } = await tokenFor('once')
    const { fingerprint, secret } = agentTokenParts(token)
    expect(fingerprint).toBe(fingerprintOf(testPublicKey))
    const row = await house.store.prisma.agentToken.findUniqueOrThrow({ where: { id } })
    expect(JSON.stringify(row)).not.toContain(secret)
  })

  it('AG-01: for one agent lets one agent join, and tells the next that it was used', async () => {
    const { token, id } = await tokenFor('once')
    const first = await join(token)
    await expect(join(token, { as: 'another' })).rejects.toMatchObject({
      code: 'join_refused',
      message: 'The token edge is for one agent and was used',
    })
    const [seen] = (await house.people.agentTokens.list({ limit: 500, among: 'all' })).items.filter(
      (one) => one.id === id,
    )
    expect(seen).toMatchObject({ uses: 'once', usedBy: first.credential.agentId })
    expect(seen?.usedAt).not.toBeNull()
    expect(await admit(first)).toMatchObject({ name, environmentId: 'default', tokenId: id })
  })

  it('AG-01: for one agent lives for a day at most', async () => {
    const { token, expiresAt } = await tokenFor('once')
    expect(Date.parse(expiresAt ?? '') - house.clock.now()).toBe(day)
    const late = { ...tokenInput('once'), expiresAt: new Date(house.clock.now() + day + 1).toISOString() }
    expect(await codeOf(house.people.agentTokens.create(aPerson, late))).toBe('invalid_input')
    const past = { ...tokenInput('many'), expiresAt: new Date(house.clock.now()).toISOString() }
    expect(await codeOf(house.people.agentTokens.create(aPerson, past))).toBe('invalid_input')

    house.clock.advance(day)
    expect(await codeOf(join(token))).toBe('join_refused')
    expect(await house.store.prisma.agent.findFirst({ where: { name } })).toBeNull()
  })

  it('AG-01: lets exactly one of two agents join that come at once', async () => {
    const { token } = await tokenFor('once')
    const outcomes = await Promise.all(
      ['left', 'right', 'third', 'fourth'].map((side) => codeOf(join(token, { as: `${name}-${side}` }))),
    )
    expect(outcomes.toSorted()).toEqual(['accepted', 'join_refused', 'join_refused', 'join_refused'])
    const joined = await house.store.prisma.agent.findMany({ where: { name: { startsWith: `${name}-` } } })
    expect(joined).toHaveLength(1)
  })

  it('AG-01: is good for its own environment and its own control plane only', async () => {
    const { token } = await tokenFor('many')
    const { id, secret } = agentTokenParts(token)
    const wrong = token.replace(secret, '0'.repeat(64))
    expect(await codeOf(join(wrong))).toBe('join_refused')
    expect(await codeOf(join(`cfa_unknown_${secret}_${'0'.repeat(32)}`))).toBe('join_refused')

    const key = newAgentKey()
    const elsewhere = await proofOf(key, id, { now: house.clock.now(), fingerprint: '0'.repeat(32) })
    const input = { token, name, publicKey: key.publicKey, proof: elsewhere }
    expect(await codeOf(house.people.agents.join(input, 'r'))).toBe('unauthenticated')
  })

  it('for many lets many join until it is revoked, which revokes them all', async () => {
    const { token, id } = await tokenFor('many')
    const one = await join(token)
    const two = await join(token, { as: `${name}-two` })
    const link = await admit(one)
    expect(link.tokenId).toBe(id)
    await house.people.agentTokens.revoke(aPerson, id)
    expect(await codeOf(admit(one))).toBe('credential_revoked')
    expect(await codeOf(admit(two, 'renew'))).toBe('credential_revoked')
    expect(await codeOf(join(token, { as: `${name}-three` }))).toBe('join_refused')
  })

  it('is not taken from somebody who does not hold the key that is to be enrolled', async () => {
    const { token } = await tokenFor('once')
    const { id } = agentTokenParts(token)
    const proof = await proofOf(newAgentKey(), id, { now: house.clock.now() })
    const input = { token, name, publicKey: newAgentKey().publicKey, proof }
    expect(await codeOf(house.people.agents.join(input, 'r'))).toBe('unauthenticated')
    await join(token)
  })

  it('asks for a clock that is nearly right', async () => {
    const { token } = await tokenFor('once')
    const key = newAgentKey()
    const proof = await proofOf(key, agentTokenParts(token).id, { now: house.clock.now() + 10 * minute })
    const input = { token, name, publicKey: key.publicKey, proof }
    expect(await codeOf(house.people.agents.join(input, 'r'))).toBe('assertion_untimely')
  })
})

describe('joining', () => {
  it('is repeatable with the same key while that key was not used: the answer may have been lost', async () => {
    const { token } = await tokenFor('once')
    const first = await join(token)
    const again = await join(token, { key: first.key })
    expect(again.credential).toEqual(first.credential)
    await admit(first)
    expect(await codeOf(join(token, { key: first.key }))).toBe('join_refused')
  })

  it('is in the audit trail, without a secret', async () => {
    const { token } = await tokenFor('once')
    const agent = await join(token)
    const { agentId, credentialId } = agent.credential
    const [change] = await house.store.prisma.change.findMany({ where: { objectId: agentId } })
    expect(change).toMatchObject({ act: 'agent.join', actorKind: 'agent', source: 'agent' })
    expect(change?.after).toMatchObject({ credentialId, with: 'edge' })
    expect(JSON.stringify(change?.after)).not.toContain(agentTokenParts(token).secret)
  })

  it('takes over the name of an agent that is away, whose credentials end', async () => {
    const old = await join()
    const next = await join()
    expect(next.credential.agentId).toBe(old.credential.agentId)
    expect(await codeOf(admit(old))).toBe('credential_revoked')
    expect((await admit(next)).agentId).toBe(old.credential.agentId)
  })

  it('does not take over the name of an agent that is connected, and uses no token up', async () => {
    await join()
    const { id } = await agentRow()
    const at = new Date(house.clock.now())
    await house.store.prisma.agent.update({ where: { id }, data: { liveLink: 'l', lastSeenAt: at } })
    const { token } = await tokenFor('once')
    expect(await codeOf(join(token))).toBe('agent_online')
    house.clock.advance(2 * minute)
    await join(token)
  })
})

describe('an assertion', () => {
  it('opens one door once', async () => {
    const agent = await join()
    const proof = await agent.assertion()
    await house.people.agents.admit(proof, 'link')
    expect(await codeOf(house.people.agents.admit(proof, 'link'))).toBe('unauthenticated')
    const other = await agent.assertion('renew')
    expect(await codeOf(house.people.agents.admit(other, 'link'))).toBe('unauthenticated')
  })

  it('opens no door twice on two control planes either', async () => {
    const agent = await join()
    const proof = await agent.assertion()
    await house.people.agents.admit(proof, 'link')
    const replica = await openPeople(undefined, house)
    expect(await codeOf(replica.people.agents.admit(proof, 'link'))).toBe('unauthenticated')
    expect(await codeOf(replica.people.agents.admit(await agent.assertion(), 'link'))).toBe('accepted')
  })

  it('opens nothing for who signs with another key or for another agent', async () => {
    const agent = await join()
    const other = await join(undefined, { as: `${name}-other` })
    const forged = await agent.assertion('link', { key: other.key })
    expect(await codeOf(house.people.agents.admit(forged, 'link'))).toBe('unauthenticated')
    const borrowed = await other.assertion('link', { subject: agent.credential.credentialId })
    expect(await codeOf(house.people.agents.admit(borrowed, 'link'))).toBe('unauthenticated')
  })
})

describe('renewal', () => {
  it('AG-03: leaves N good until N+1 was used, and ten minutes more', async () => {
    const first = await join()
    await admit(first)
    const second = await renew(first)
    house.clock.advance(day)
    expect(await codeOf(admit(first))).toBe('accepted')

    await admit(second)
    house.clock.advance(10 * minute - 1)
    expect(await codeOf(admit(first))).toBe('accepted')
    expect(await codeOf(admit(first, 'renew'))).toBe('credential_expired')
    house.clock.advance(1)
    expect(await codeOf(admit(first))).toBe('credential_expired')
    expect(await codeOf(admit(second))).toBe('accepted')
    expect(await actsOn(first.credential.agentId)).toEqual(['agent.join', 'agent.renew'])
  })

  it('AG-03: gives the same credential for the same key, when the answer was lost on its way', async () => {
    const first = await join()
    const key = newAgentKey()
    const lost = await renew(first, key)
    const again = await renew(first, key)
    expect(again.credential).toEqual(lost.credential)
    await admit(again)
  })

  it('AG-03: with another key after a crash that forgot the first leaves one good successor', async () => {
    const first = await join()
    const forgotten = await renew(first)
    const second = await renew(first)
    expect(await codeOf(admit(first))).toBe('accepted')
    expect(await codeOf(admit(forgotten))).toBe('unauthenticated')
    expect(await codeOf(admit(second))).toBe('accepted')
  })

  it('is for the holder of the next key, which nobody else has', async () => {
    const agent = await join()
    const other = await join(undefined, { as: `${name}-other` })
    const identity = await admit(agent, 'renew')
    const proof = await proofOf(newAgentKey(), identity.credentialId, { now: house.clock.now() })
    const stolen = { publicKey: other.key.publicKey, proof }
    expect(await codeOf(house.people.agents.renew(identity, stolen, 'r'))).toBe('unauthenticated')
    const own = await proofOf(other.key, identity.credentialId, { now: house.clock.now() })
    const taken = { publicKey: other.key.publicKey, proof: own }
    expect(await codeOf(house.people.agents.renew(identity, taken, 'r'))).toBe('join_refused')
  })

  it('is due within seven days for the link, and possible for thirty days more', async () => {
    const agent = await join()
    house.clock.advance(7 * day - 1)
    expect(await codeOf(admit(agent))).toBe('accepted')
    house.clock.advance(1)
    expect(await codeOf(admit(agent))).toBe('credential_expired')
    house.clock.advance(30 * day - 1)
    const renewed = await renew(agent)
    expect(await codeOf(admit(renewed))).toBe('accepted')

    house.clock.advance(37 * day)
    expect(await codeOf(admit(renewed, 'renew'))).toBe('credential_expired')
  })
})

describe('an agent that was revoked', () => {
  it('AG-04: comes back with a token made since, never with an older one', async () => {
    const { token } = await tokenFor('many')
    const agent = await join(token)
    house.clock.advance(minute)
    const at = new Date(house.clock.now())
    const { id } = await agentRow()
    await house.store.prisma.agent.update({ where: { id }, data: { revokedAt: at } })
    expect(await codeOf(admit(agent))).toBe('credential_revoked')
    expect(await codeOf(admit(agent, 'renew'))).toBe('credential_revoked')
    expect(await codeOf(join(token))).toBe('join_refused')
    house.clock.advance(minute)
    const { token: newer } = await tokenFor('once')
    const back = await join(newer)
    expect(back.credential.agentId).toBe(agent.credential.agentId)
    expect(await codeOf(admit(back))).toBe('accepted')
    expect(await codeOf(admit(agent))).toBe('credential_revoked')
  })
})
