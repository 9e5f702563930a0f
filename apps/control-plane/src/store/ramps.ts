import type { AcceptanceCriterion } from '@crossfade/core/guardrail/acceptance'
import type { GuardrailMemory } from '@crossfade/core/guardrail/memory'
import type { Guardrail, Judgement } from '@crossfade/core/guardrail/model'
import type { Share } from '@crossfade/core/model'
import type { Plan, RampState } from '@crossfade/core/ramp/model'
import type { Prisma } from './generated/client.ts'
import { pageArguments, toPage, type ListQuery, type Page } from './page.ts'
import type { Db } from './store.ts'

/** What people wrote. */
export interface RampDefinition {
  readonly plan: Plan
  readonly guardrails: readonly Guardrail[]
  readonly acceptance: readonly AcceptanceCriterion[]
}

/** What judging remembers from second to second. */
export interface RampMemory {
  /** By the key of the judgement. */
  readonly guardrails: Readonly<Record<string, GuardrailMemory>>
  /** Comparable requests on new by mapping, in windows from `since` to `through`. */
  readonly sample: {
    readonly since: number
    readonly through: number
    readonly requests: Readonly<Record<string, number>>
  } | null
}

/** What was judged last, for screens and for people's acts. */
export interface Judged {
  readonly at: number
  readonly judgements: readonly Judgement[]
  readonly requestsOnNew: number
  readonly legacyIsWorse: string | null
}

/** A stage that was entered; `leftAt` is null while it lasts. */
export interface Visit {
  readonly stage: number
  readonly share: Share
  readonly enteredAt: number
  readonly leftAt: number | null
}

export interface StoredRamp extends RampDefinition {
  readonly id: string
  readonly environmentId: string
  readonly target: { readonly kind: 'mapping' | 'group'; readonly id: string }
  readonly version: number
  readonly state: RampState
  /** What the next write of state and memory is compared with. */
  readonly saves: number
  readonly memory: RampMemory
  readonly judged: Judged | null
  readonly visits: readonly Visit[]
  readonly createdAt: Date
  readonly updatedAt: Date
}

export const NO_MEMORY: RampMemory = { guardrails: {}, sample: null }

export interface RampsFilter extends ListQuery {
  readonly mappingId?: string | undefined
  readonly groupId?: string | undefined
}

/** Of a member of a group: the group's. */
export async function listRamps(db: Db, filter: RampsFilter): Promise<Page<StoredRamp>> {
  const { mappingId, groupId, ...query } = filter
  const { where, ...rest } = pageArguments(query)
  const ofMapping = mappingId !== undefined && {
    OR: [{ mappingId }, { group: { members: { some: { id: mappingId } } } }],
  }
  const rows = await db.ramp.findMany({
    ...rest,
    where: { ...where, ...(groupId !== undefined && { groupId }), ...ofMapping },
  })
  return toPage(rows.map(rampOf), query.limit, ({ id }) => id)
}

export async function findRamp(db: Db, id: string): Promise<StoredRamp | null> {
  const row = await db.ramp.findUnique({ where: { id } })
  return row && rampOf(row)
}

/** The same, and nobody else writes it until this transaction ends. */
export async function lockRamp(db: Db, id: string): Promise<StoredRamp | null> {
  await db.$queryRaw`SELECT 1 FROM "Ramp" WHERE "id" = ${id} FOR UPDATE`
  return findRamp(db, id)
}

/** The ramp of a mapping by itself, or of a group, locked. */
export async function lockRampOf(db: Db, target: StoredRamp['target']): Promise<StoredRamp | null> {
  const row = await db.ramp.findUnique({ where: whereTarget(target), select: { id: true } })
  return row && lockRamp(db, row.id)
}

/** Those of an environment that are under way or still guarded, locked. */
export async function lockLiveRamps(db: Db, environmentId: string): Promise<StoredRamp[]> {
  await db.$queryRaw`
    SELECT 1 FROM "Ramp" WHERE "environmentId" = ${environmentId} AND "status" <> 'ready' ORDER BY "id" FOR UPDATE`
  const rows = await db.ramp.findMany({
    where: { environmentId, status: { not: 'ready' } },
    orderBy: { id: 'asc' },
  })
  return rows.map(rampOf)
}

/** Every ramp that a runner has to look at, and how often it was written. */
export async function liveRamps(db: Db): Promise<{ id: string; saves: number }[]> {
  return await db.ramp.findMany({
    where: { status: { in: [...LIVE] } },
    select: { id: true, saves: true },
    orderBy: { id: 'asc' },
  })
}

/** The mappings that they move. */
export async function liveTargets(
  db: Db,
): Promise<{ readonly environmentId: string; readonly mappingIds: readonly string[] }[]> {
  const rows = await db.ramp.findMany({
    where: { status: { in: [...LIVE] } },
    select: {
      environmentId: true,
      mappingId: true,
      group: { select: { members: { select: { id: true } } } },
    },
  })
  return rows.map(({ environmentId, mappingId, group }) => ({
    environmentId,
    mappingIds: mappingId === null ? (group?.members.map(({ id }) => id) ?? []) : [mappingId],
  }))
}

export async function findRamps(db: Db, ids: readonly string[]): Promise<StoredRamp[]> {
  const rows = await db.ramp.findMany({ where: { id: { in: [...ids] } } })
  return rows.map(rampOf)
}

export async function insertRamp(
  db: Db,
  environmentId: string,
  target: StoredRamp['target'],
  definition: RampDefinition,
  state: RampState,
): Promise<StoredRamp> {
  const data = {
    environmentId,
    ...whereTarget(target),
    ...definitionColumns(definition),
    ...stateColumns(state),
  }
  return rampOf(await db.ramp.create({ data }))
}

/** `version` and `saves` rise both: a runner that read the old definition writes nothing. */
export async function updateRamp(
  db: Db,
  { id, version }: Pick<StoredRamp, 'id' | 'version'>,
  definition: RampDefinition,
  run: { readonly state: RampState; readonly memory: RampMemory },
  at: Date,
): Promise<StoredRamp> {
  const row = await db.ramp.update({
    where: { id, version },
    data: {
      ...definitionColumns(definition),
      ...stateColumns(run.state),
      memory: json(run.memory),
      version: { increment: 1 },
      saves: { increment: 1 },
      updatedAt: at,
    },
  })
  return rampOf(row)
}

export async function removeRamp(db: Db, id: string, version: number): Promise<void> {
  await db.ramp.delete({ where: { id, version } })
}

/** Compare-and-set on `saves`: false when somebody wrote in between. */
export async function saveRamp(
  db: Db,
  { id, saves }: Pick<StoredRamp, 'id' | 'saves'>,
  run: Pick<StoredRamp, 'state' | 'memory' | 'judged' | 'visits'>,
): Promise<boolean> {
  const { count } = await db.ramp.updateMany({
    where: { id, saves },
    data: {
      ...stateColumns(run.state),
      memory: json(run.memory),
      ...(run.judged !== null && { judged: json(run.judged) }),
      visits: json(run.visits),
      saves: { increment: 1 },
    },
  })
  return count === 1
}

/** Ended at share 0 is over; ended with a share stays on guard (rule 17). */
const LIVE = ['running', 'paused', 'stepping-back', 'guarded'] as const

function stateColumns(state: RampState) {
  const isGuarded = state.status === 'ended' && state.share > 0
  return { state: json(state), status: isGuarded ? 'guarded' : state.status }
}

function definitionColumns({ plan, guardrails, acceptance }: RampDefinition) {
  return { plan: json(plan), guardrails: json(guardrails), acceptance: json(acceptance) }
}

function whereTarget({ kind, id }: StoredRamp['target']) {
  return kind === 'mapping' ? { mappingId: id } : { groupId: id }
}

function rampOf(row: Prisma.RampGetPayload<object>): StoredRamp {
  const { id, environmentId, version, saves, createdAt, updatedAt } = row
  return {
    id,
    environmentId,
    target:
      row.groupId === null
        ? { kind: 'mapping', id: row.mappingId ?? '' }
        : { kind: 'group', id: row.groupId },
    version,
    saves,
    createdAt,
    updatedAt,
    plan: row.plan as unknown as Plan,
    guardrails: row.guardrails as unknown as Guardrail[],
    acceptance: row.acceptance as unknown as AcceptanceCriterion[],
    state: row.state as unknown as RampState,
    memory: { ...NO_MEMORY, ...(row.memory as unknown as Partial<RampMemory>) },
    judged: row.judged as unknown as Judged | null,
    visits: row.visits as unknown as Visit[],
  }
}

const json = (value: unknown) => value as Prisma.InputJsonValue
