import type { z } from 'zod'
import type { ApprovalChange, ApprovalView } from '@crossfade/contracts/api/approvals'
import { environmentInputSchema } from '@crossfade/contracts/api/environments'
import { groupUpdateSchema } from '@crossfade/contracts/api/groups'
import { mappingUpdateSchema } from '@crossfade/contracts/api/mappings'
import { segmentInputSchema } from '@crossfade/contracts/api/segments'
import { serviceInputSchema } from '@crossfade/contracts/api/services'
import { percentOfShare, shareOfPercent } from '@crossfade/contracts/percent'
import { Problem } from '@crossfade/contracts/problems'
import type { EnvironmentPermission } from '@crossfade/contracts/roles'
import { shareWords } from '@crossfade/core/words'
import type { Author } from '../store/author.ts'
import { findRamp } from '../store/ramps.ts'
import type { Db } from '../store/store.ts'
import type { BaseActs } from './acts.ts'
import { subjectOf } from './points-of-no-return.ts'
import { needsForShare } from './raises.ts'
import { found, refuseIf, refuseStale } from './refusals.ts'
import { holderOf, shareView } from './share-holder.ts'

/** What a change that needs approval is, before anybody has agreed. */
export interface Described {
  readonly environmentId: string
  readonly object: ApprovalView['object']
  readonly title: string
  readonly before: unknown
  readonly after: unknown
  readonly moves: ApprovalView['moves']
  readonly needs: string
}

const asked = 'Somebody asked for agreement'

/** Refuses what is based on an old version, or could not be done at all. */
export async function describeChange(
  db: Db,
  acts: BaseActs,
  change: ApprovalChange,
  now: number,
): Promise<Described> {
  switch (change.act) {
    case 'share': {
      const { kind, id } = change.target
      const holder = await holderOf(db, kind, id)
      await refuseStale(db, holder, change.ifVersion, 'shareVersion')
      const to = shareOfPercent(change.percent)
      const raise = { kind, id, name: holder.name, from: holder.share, to }
      return {
        environmentId: holder.environmentId,
        object: { kind, id, name: holder.name },
        title: `${to > holder.share ? 'Raise' : 'Set'} ${holder.name} from ${shareWords(holder.share)} to ${shareWords(to)}`,
        before: shareView(holder),
        after: { percent: percentOfShare(to) },
        moves: (await acts.previews.share(kind, id, change.percent)).moves,
        needs: (await needsForShare(db, holder.environmentId, raise, now)) ?? asked,
      }
    }
    case 'update': {
      const { resource, id, ifVersion } = change
      const body = bodyOf(change)
      const view = await acts[pluralOf[resource]].get(id)
      await refuseStale(db, view, ifVersion)
      const environmentId = 'environmentId' in view ? view.environmentId : view.id
      return {
        environmentId,
        object: { kind: resource, id, name: view.name },
        title: `Change the ${resource} ${view.name}`,
        before: view,
        after: body,
        moves: await movesOf(acts, environmentId, change),
        needs: asked,
      }
    }
    case 'ramp-stage': {
      const ramp = found(await findRamp(db, change.rampId), 'ramp')
      const { kind, id, name } = await holderOf(db, ramp.target.kind, ramp.target.id)
      const [stage, next] = [ramp.plan.stages[change.leaving], ramp.plan.stages[change.leaving + 1]]
      if (ramp.state.stage !== change.leaving || !next) throw new Problem('stage_left')
      const from = shareWords(stage?.share ?? ramp.state.share)
      return {
        environmentId: ramp.environmentId,
        object: { kind, id, name },
        title: `Let the ramp of ${name} go on from ${from} to ${shareWords(next.share)}`,
        before: { stage: change.leaving },
        after: { stage: change.leaving + 1, percent: percentOfShare(next.share) },
        moves: (await acts.previews.share(kind, id, percentOfShare(next.share))).moves,
        needs: 'Leaving this stage takes an approval',
      }
    }
    case 'point-of-no-return':
    case 'roll-back': {
      const { kind, id } = change.target
      const subject = await subjectOf(db, kind, id)
      await refuseStale(db, subject, change.ifVersion)
      const isDeclared = change.act === 'point-of-no-return'
      refuseNothingToDo(subject, isDeclared)
      return {
        environmentId: subject.environmentId,
        object: { kind, id, name: subject.name },
        title: isDeclared
          ? `Point of no return: the data of ${subject.name} has moved`
          : `Roll ${subject.name} back although its data has moved`,
        before: { pointOfNoReturn: !isDeclared },
        after: { pointOfNoReturn: isDeclared },
        moves: (await acts.previews.share(kind, id, isDeclared ? 100 : 0)).moves,
        needs: isDeclared ? 'Afterwards it cannot be rolled back' : 'It is past its point of no return',
      }
    }
  }
}

/** Does it, in one transaction. */
export async function performChange(
  acts: BaseActs,
  author: Author,
  change: ApprovalChange,
  reason: string,
): Promise<void> {
  switch (change.act) {
    case 'share': {
      const { target, ifVersion, percent } = change
      await acts.shares.set(author, target.kind, target.id, ifVersion, { percent, reason })
      return
    }
    case 'update':
      await update(acts, author, change)
      return
    case 'ramp-stage': {
      const body = { leaving: change.leaving, reason }
      await acts.ramps.perform(author, change.rampId, 'approve', body, null)
      return
    }
    case 'point-of-no-return':
    case 'roll-back': {
      const { target, ifVersion } = change
      const act = change.act === 'roll-back' ? 'rollBack' : 'declare'
      await acts.pointsOfNoReturn[act](author, target.kind, target.id, ifVersion, reason)
    }
  }
}

/** What whoever asks must be allowed to do by themselves, were it not protected. */
export function permissionOf(change: ApprovalChange): EnvironmentPermission {
  switch (change.act) {
    case 'share':
      return 'share.change'
    case 'update':
      return `${change.resource}.edit`
    case 'ramp-stage':
      return 'ramp.run'
    default:
      return 'point-of-no-return.request'
  }
}

type Update = Extract<ApprovalChange, { act: 'update' }>

const pluralOf = {
  mapping: 'mappings',
  group: 'groups',
  service: 'services',
  segment: 'segments',
  environment: 'environments',
} as const

const schemas = {
  mapping: mappingUpdateSchema,
  group: groupUpdateSchema,
  service: serviceInputSchema,
  segment: segmentInputSchema,
  environment: environmentInputSchema,
} as const

function bodyOf({ resource, body }: Update): unknown {
  return parsed(schemas[resource], body)
}

function parsed<T extends z.ZodType>(schema: T, body: unknown): z.output<T> {
  const result = schema.safeParse(body)
  if (result.success) return result.data
  const errors = result.error.issues.map(({ path, message }) => ({
    path: ['change', 'body', ...path].map(String).join('.'),
    message,
  }))
  refuseIf(errors, 'invalid_input')
  throw new Problem('invalid_input')
}

/** Moves are confirmed by whoever agrees, who sees them. */
async function update(acts: BaseActs, author: Author, { resource, id, ifVersion, body }: Update) {
  switch (resource) {
    case 'mapping': {
      const input = { ...parsed(mappingUpdateSchema, body), confirmMoves: true }
      await acts.mappings.update(author, id, ifVersion, input)
      return
    }
    case 'group': {
      const input = { ...parsed(groupUpdateSchema, body), confirmMoves: true }
      await acts.groups.update(author, id, ifVersion, input)
      return
    }
    case 'service':
      await acts.services.update(author, id, ifVersion, parsed(serviceInputSchema, body))
      return
    case 'segment':
      await acts.segments.update(author, id, ifVersion, parsed(segmentInputSchema, body))
      return
    case 'environment':
      await acts.environments.update(author, id, ifVersion, parsed(environmentInputSchema, body))
  }
}

async function movesOf(acts: BaseActs, environmentId: string, { resource, id, body }: Update) {
  if (resource !== 'mapping') return []
  const { confirmMoves: _none, ...input } = parsed(mappingUpdateSchema, body)
  return (await acts.previews.mapping({ ...input, environmentId, id })).moves
}

function refuseNothingToDo(
  { name, members, isGone }: Awaited<ReturnType<typeof subjectOf>>,
  isDeclared: boolean,
) {
  if (members.length === 0) throw new Problem('not_found', { detail: `${name} has no mappings` })
  if (isGone !== isDeclared) return
  const detail = isDeclared
    ? `The data of ${name} has moved already`
    : `${name} is not past a point of no return: roll it back as always`
  refuseIf([{ path: 'change.target', message: detail }], 'invalid_input')
}
