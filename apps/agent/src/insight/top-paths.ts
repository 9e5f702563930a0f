import type { PathSample } from '@crossfade/contracts/stats'
import { blotted } from '@crossfade/core/secrets'
import type { Seen } from '../proxy/seen.ts'
import type { Outcome } from '../stats/recorder.ts'
import { createHeavyHitters, type Hit } from './heavy-hitters.ts'
import { pathTemplate } from './path-template.ts'

/** Which paths are asked for most where no mapping names them (rule 28). Bounded, whatever clients ask for. */
export interface TopPaths {
  record(outcome: Outcome, seen: Seen): void
  /** Hands out what was counted and begins anew. */
  take(): PathSample[]
}

/** Of unmapped traffic, of the inside of all prefix and regex mappings together, and of refused paths. */
const reported = { unmapped: 100, inside: 100, refused: 20 } as const
/** More than are reported, so that what is reported is counted closely. */
const slots = { unmapped: 300, inside: 300, refused: 60 } as const
const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])
const sampleCharacters = 120

type Place = Pick<PathSample, 'mappingId' | 'kind' | 'method' | 'path' | 'sample'>

export function createTopPaths(): TopPaths {
  const unmapped = createHeavyHitters<Place>(slots.unmapped)
  const inside = createHeavyHitters<Place>(slots.inside)
  const refused = createHeavyHitters<Place>(slots.refused)

  return {
    record(outcome, { route, head }) {
      if (route === null) return
      const method = methods.has(head.method) ? head.method : 'OTHER'
      if (route.kind === 'no-route') {
        const { why } = route
        if (why === undefined) return
        const place = (): Place => ({
          mappingId: null,
          kind: 'refused',
          method,
          path: why,
          sample: sampleOf(head.target),
        })
        return refused.add(`${method} ${why}`, false, place)
      }
      const mapping = route.mapped?.mapping ?? null
      if (mapping !== null && !isWide(mapping.match.path.kind)) return
      const path = pathTemplate(route.facts.path)
      const mappingId = mapping?.id ?? null
      const hitters = mapping === null ? unmapped : inside
      const place = (): Place => ({ mappingId, kind: 'served', method, path: printable(path), sample: null })
      hitters.add(`${mappingId ?? ''} ${method} ${path}`, isError(outcome), place)
    },
    take: () => [
      ...unmapped.take().slice(0, reported.unmapped).map(sample),
      ...inside.take().slice(0, reported.inside).map(sample),
      ...refused.take().slice(0, reported.refused).map(sample),
    ],
  }
}

function sample({ value, count, errors }: Hit<Place>): PathSample {
  return { ...value, requests: count, errors }
}

function isWide(kind: 'exact' | 'prefix' | 'template' | 'regex'): boolean {
  return kind === 'prefix' || kind === 'regex'
}

/** As in core's `errorsOf`: a client that leaves is none. */
function isError({ status, failure }: Outcome): boolean {
  return (status !== null && status >= 500) || (failure !== null && failure !== 'client-closed')
}

/** Without the query, which may hold secrets. */
function sampleOf(target: string): string {
  return printable(blotted(target.split('?', 1)[0] ?? '').slice(0, sampleCharacters))
}

/** Neither a screen nor a database has to cope with what a client may put into a path. */
function printable(text: string): string {
  return text
    .replaceAll(/[^\x20-\x7e]/g, (byte) => `\\x${byte.charCodeAt(0).toString(16).padStart(2, '0')}`)
    .slice(0, 200)
}
