import { Problem, type FieldError } from '@crossfade/contracts/problems'
import type { MappingSpec } from '@crossfade/contracts/api/mappings'
import { matchKey, methodsOverlap, normaliseMatch } from '@crossfade/core/match'
import type { Match } from '@crossfade/core/model'
import { problemsOfMatch, problemsOfPolicy, problemsOfRewrite } from '@crossfade/core/validate'
import { environmentOf } from '../store/entities.ts'
import { findEnvironment } from '../store/environments.ts'
import { sameHostAndPath } from '../store/mappings.ts'
import { knownSegments } from '../store/segments.ts'
import { knownServices } from '../store/services.ts'
import type { Db } from '../store/store.ts'
import { refuseUnsoundCheck } from './auth-checks.ts'
import { found, refuseIf } from './refusals.ts'

type Definition = Pick<MappingSpec, 'legacy' | 'new' | 'segments' | 'writes' | 'policy'> & {
  readonly match: Match
}

/** Refuses what is wrong with a definition by itself; the answer is its match in the one stored spelling. */
export function soundMatch(input: Definition, pointOfNoReturn: boolean): Match {
  refuseIf(problemsOfMatch(input.match), 'invalid_match')
  const match = normaliseMatch(input.match)
  const rewrites = (['legacy', 'new'] as const).flatMap((side) =>
    problemsOfRewrite(match, input[side].rewrite).map((error) => ({
      ...error,
      path: `${side}.${error.path}`,
    })),
  )
  refuseIf(rewrites, 'invalid_rewrite')
  refuseIf(problemsOfPolicy(input.policy), 'invalid_input')
  const { writes } = input
  if (writes.kind === 'phased' && writes.phase === 'complete' && !pointOfNoReturn) {
    const message = 'Declare the point of no return before completing writes'
    refuseIf([{ path: 'writes.phase', message }], 'invalid_input')
  }
  return match
}

/** Refuses what does not fit into its environment: references that lead nowhere, and a match that is taken. */
export async function refuseMisfit(
  db: Db,
  environmentId: string,
  input: Definition,
  exceptId: string | null,
): Promise<void> {
  refuseIf(await danglingReferences(db, environmentId, input), 'invalid_reference')
  if (typeof input.policy.auth !== 'string') {
    const environment = found(await findEnvironment(db, environmentId), 'environment')
    refuseUnsoundCheck(input.policy.auth, environmentOf(environment).auth)
  }
  const rivals = await sameHostAndPath(db, environmentId, matchKey(input.match), exceptId)
  const twin = rivals.find((rival) => methodsOverlap(rival.match.methods, input.match.methods))
  if (!twin) return
  throw new Problem('duplicate_match', {
    detail: `The mapping ${twin.name} already has this match`,
    errors: [{ path: 'match', message: `The mapping ${twin.name} already has this host, path and method` }],
    extra: { mapping: { id: twin.id, name: twin.name } },
  })
}

async function danglingReferences(db: Db, environmentId: string, input: Definition): Promise<FieldError[]> {
  const { legacy, new: next } = input
  const services = await knownServices(db, environmentId, [legacy.serviceId, next.serviceId])
  const segments = await knownSegments(db, environmentId, input.segments)
  const missing = (path: string, noun: string, id: string) => ({
    path,
    message: `There is no ${noun} ${id} in this environment`,
  })
  return [
    ...(services.has(legacy.serviceId) ? [] : [missing('legacy.serviceId', 'service', legacy.serviceId)]),
    ...(services.has(next.serviceId) ? [] : [missing('new.serviceId', 'service', next.serviceId)]),
    ...input.segments.flatMap((id, i) => (segments.has(id) ? [] : [missing(`segments.${i}`, 'segment', id)])),
  ]
}
