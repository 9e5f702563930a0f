import { randomUUID } from 'node:crypto'
import { agentCredentialSchema, audienceOf, joinPath } from '@crossfade/contracts/agent-identity'
import { agentTokenParts } from '@crossfade/contracts/agent-token'
import { newAgentKey, signAssertion } from '@crossfade/runtime/assertion'

/** Joins as an agent does; the answer makes one assertion for its link. */
export async function simulatedJoin(controlUrl: string, token: string, name: string): Promise<string> {
  const { id, fingerprint } = agentTokenParts(token)
  const key = newAgentKey()
  const assertionFor = (purpose: 'enrol' | 'link', subject: string) =>
    signAssertion(key.privateKey, {
      subject,
      audience: audienceOf(purpose, fingerprint),
      now: Date.now(),
      id: randomUUID(),
    })
  const proof = await assertionFor('enrol', id)
  const answer = await fetch(new URL(joinPath, controlUrl), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token, name, publicKey: key.publicKey, proof }),
  })
  if (!answer.ok) throw new Error(`${name} cannot join: ${await answer.text()}`)
  const { credentialId } = agentCredentialSchema.parse(await answer.json())
  return assertionFor('link', credentialId)
}
