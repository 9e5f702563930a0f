import type { IncomingMessage, ServerResponse } from 'node:http'
import { agentJoinSchema, joinPath, type AgentCredentialView } from '@crossfade/contracts/agent-identity'
import type { Signer } from '@crossfade/runtime/seal'
import { keyChainOf } from './signed-snapshot.ts'

/** For control planes that a test plays: lets every agent join, as `agent-1` of the environment `default`. */
export function openDoor(signer: Signer) {
  return (request: IncomingMessage, response: ServerResponse): void => {
    if (request.url !== joinPath) return void response.writeHead(404).end()
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      agentJoinSchema.parse(JSON.parse(Buffer.concat(chunks).toString()))
      const credential: AgentCredentialView = {
        agentId: 'agent-1',
        environmentId: 'default',
        credentialId: 'credential-1',
        issuedAt: new Date().toISOString(),
        expiresAt: new Date(Date.now() + 7 * 24 * 3_600_000).toISOString(),
        keys: keyChainOf(signer),
      }
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(credential))
    })
  }
}
