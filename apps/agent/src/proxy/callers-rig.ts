import type { EnvironmentAuth, MappingCheck } from '@crossfade/core/auth/auth'
import type { Environment, Mapping, Segment } from '@crossfade/core/model'
import {
  aMapping,
  anAuth,
  anEnvironment,
  aPolicy,
  aRequirement,
  aSplit,
  aTarget,
} from '@crossfade/testkit/builders'
import { startIssuer, type TestIssuer } from '@crossfade/testkit/issuer'
import { startUpstream, type Upstream } from '@crossfade/testkit/upstream'
import { aSnapshotBetween, startRig, type Rig } from './rig.ts'

/** A traffic port between two services, and an issuer whose tokens are believed there. */
export interface CallersRig {
  readonly rig: Rig
  readonly legacy: Upstream
  readonly issuer: TestIssuer
  readonly use: (setup?: Setup) => void
  readonly ask: (headers?: Record<string, string>, path?: string, method?: string) => Promise<Response>
  readonly statusOf: (token: string) => Promise<number>
  readonly close: () => Promise<void>
}

interface Setup {
  readonly check?: MappingCheck
  readonly auth?: Partial<EnvironmentAuth>
  readonly mapping?: Partial<Mapping>
  readonly environment?: Partial<Environment>
  readonly segments?: readonly Segment[]
}

/** When the rig's clock begins. */
export const now = Date.UTC(2026, 0, 1)
export const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

export async function openCallersRig(): Promise<CallersRig> {
  const [legacy, next, issuer, rig] = await Promise.all([
    startUpstream((_request, response) => void response.end('legacy')),
    startUpstream((_request, response) => void response.end('new')),
    startIssuer(),
    startRig(null),
  ])
  const ask: CallersRig['ask'] = (headers = {}, path = '/v2/books', method = 'GET') =>
    fetch(`${rig.url}${path}`, { method, headers })
  function use({
    check = aRequirement(),
    auth = {},
    mapping = {},
    environment = {},
    segments = [],
  }: Setup = {}) {
    rig.install(
      aSnapshotBetween(legacy.url, next.url, {
        environment: anEnvironment({ auth: anAuth({ issuers: [issuer.config], ...auth }), ...environment }),
        mappings: [
          aMapping({
            split: aSplit({ share: 0 }),
            new: aTarget({ serviceId: 'new-books' }),
            ...mapping,
            policy: aPolicy({ auth: check }),
          }),
        ],
        segments,
      }),
    )
  }

  return {
    rig,
    legacy,
    issuer,
    use,
    ask,
    async statusOf(token) {
      const answer = await ask(bearer(token))
      await answer.arrayBuffer()
      return answer.status
    },
    async close() {
      await rig.close()
      await Promise.all([legacy.close(), next.close(), issuer.close()])
    },
  }
}
