import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import type { Mapping, Policy, Service } from '@crossfade/core/model'
import { aMapping, aPolicy, aService, aSplit } from '@crossfade/testkit/builders'
import { afterBody } from '@crossfade/testkit/upstream'
import { aSnapshotBetween } from './rig.ts'

/** Reads the body first, then names itself. */
export function says(name: string, status = 200, headers: Record<string, string> = {}) {
  return afterBody((_body, response) => {
    response.writeHead(status, headers)
    response.end(name)
  })
}

export interface Setup {
  readonly policy?: Partial<Policy>
  readonly mapping?: Partial<Mapping>
  readonly share?: number
  readonly newUrls?: readonly string[]
  readonly newService?: Partial<Service>
}

export function protectedSnapshot(
  legacyUrl: string,
  newUrl: string,
  { policy = {}, mapping = {}, share = 10_000, newUrls, newService = {} }: Setup = {},
) {
  return aSnapshotBetween(legacyUrl, newUrl, {
    mappings: [
      aMapping({
        split: aSplit({ share, identity: { kind: 'request' } }),
        policy: aPolicy(policy),
        ...mapping,
      }),
    ],
    services: [
      aService({ instances: [legacyUrl] }),
      aService({
        id: 'new-books',
        name: 'new-books',
        instances: newUrls ?? [newUrl],
        ...newService,
      }),
    ],
  })
}

/** A port on which nobody listens. */
export async function refusedUrl(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return `http://127.0.0.1:${port}`
}
