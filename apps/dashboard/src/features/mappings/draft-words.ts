import type { MappingView } from '@crossfade/contracts/api/mappings'
import { percentText, rateText } from '../../shared/format.ts'

type Identity = MappingView['split']['identity']

/** What applying a draft will do, in the words of the Apply bar. */
export interface DraftWords {
  /** `5 % → 25 %` */
  readonly move: string
  /** `about 84 requests/s more on new` */
  readonly traffic: string
  /** Who changes side. */
  readonly people: string
}

export function wordsOf(
  identity: Identity,
  from: number,
  to: number,
  requestsPerSecond: number | null,
): DraftWords {
  const moved = Math.abs(to - from)
  const raise = to > from
  const perSecond = ((requestsPerSecond ?? 0) * moved) / 100
  const traffic =
    requestsPerSecond === null || requestsPerSecond === 0
      ? 'no traffic right now'
      : `${perSecond < 0.1 ? 'less than 0.1' : `about ${rateText(perSecond)}`} requests/s ${raise ? 'more' : 'fewer'} on new`
  return {
    move: `${percentText(from)} → ${percentText(to)}`,
    traffic,
    people: peopleWords(identity, moved, raise),
  }
}

function peopleWords(identity: Identity, moved: number, raise: boolean): string {
  const part = percentText(Math.round(moved * 100) / 100)
  if (identity.kind === 'request') {
    return `Each request is drawn anew: ${part} of them ${raise ? 'go to new' : 'go back to legacy'}.`
  }
  const who =
    identity.kind === 'client-ip' ? 'client addresses' : `users (by ${identity.kind} ${identity.name})`
  return raise
    ? `${part} of ${who} move to new; nobody moves back.`
    : `${part} of ${who} move back to legacy, the latest joiners first.`
}

const safeMethods = ['GET', 'HEAD', 'OPTIONS', 'TRACE']
const usualMethods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']

/** The methods of a mapping that write; empty when it only reads. */
export function writingMethods({ methods }: MappingView['match']): readonly string[] {
  return (methods.length === 0 ? usualMethods : methods).filter((method) => !safeMethods.includes(method))
}

export interface MethodSide {
  readonly method: string
  /** Percent answered by new. */
  readonly percentNew: number
  readonly why: string
}

/** Who answers each method of a mapping at this share (rules 20 and 33). */
export function sidesByMethod(
  mapping: Pick<MappingView, 'match' | 'writes' | 'pointOfNoReturn'>,
  percent: number,
): MethodSide[] {
  const methods = mapping.match.methods.length === 0 ? usualMethods : mapping.match.methods
  return methods.map((method) => {
    if (mapping.pointOfNoReturn) return { method, percentNew: 100, why: 'the data has moved' }
    if (mapping.writes.kind === 'with-share' || safeMethods.includes(method)) {
      return { method, percentNew: percent, why: 'follows the share' }
    }
    const toNew = mapping.writes.phase === 'dual-new' || mapping.writes.phase === 'complete'
    return { method, percentNew: toNew ? 100 : 0, why: `write phase ${mapping.writes.phase}` }
  })
}
