import type { z } from 'zod'
import type { mappingCreateSchema, mappingUpdateSchema, MappingView } from '@crossfade/contracts/api/mappings'
import { matchKey } from '@crossfade/core/match'
import type { Mapping, Match } from '@crossfade/core/model'
import type { Author } from '../store/author.ts'
import { lastChangesOf } from '../store/changes.ts'
import { mappingOf, type MappingRow } from '../store/entities.ts'
import { countDeletedMapping } from '../store/environments.ts'
import {
  findMapping,
  insertMapping,
  listMappings,
  removeMapping,
  updateMapping,
  type MappingColumns,
} from '../store/mappings.ts'
import type { ListQuery, Page } from '../store/page.ts'
import type { ChangeResult } from '../store/store.ts'
import type { ActParts } from './acts.ts'
import { refuseMisfit, soundMatch } from './mapping-checks.ts'
import { groupsOf, planSplit, type PlannedSplit } from './mapping-split.ts'
import { refuseMoves } from './moves.ts'
import { recordLostRamp, refuseOwnRamp } from './ramps.ts'
import { found, refuseStale, refusingTakenNames } from './refusals.ts'
import { mappingView } from './views.ts'

type MappingUpdate = z.output<typeof mappingUpdateSchema>

export interface MappingActs {
  list(query: ListQuery): Promise<Page<MappingView>>
  get(id: string): Promise<MappingView>
  /** At share 0, unless it joins a group; joining one with a share has to be confirmed. */
  create(author: Author, input: z.output<typeof mappingCreateSchema>): Promise<MappingView>
  /** Refused with `moves_users` when the new split moves anyone and that was not confirmed. */
  update(author: Author, id: string, ifVersion: number, input: MappingUpdate): Promise<MappingView>
  remove(author: Author, id: string, ifVersion: number): Promise<void>
}

export function mappingActs({ store, random }: ActParts): MappingActs {
  const find = async (id: string) => found(await store.read((db) => findMapping(db, id)), 'mapping')

  return {
    async list(query) {
      const [page, last] = await store.read(async (db) => {
        const rows = await listMappings(db, query)
        const ids = rows.items.map((row) => row.id)
        return [rows, await lastChangesOf(db, ids)] as const
      })
      return { ...page, items: page.items.map((row) => mappingView(row, last.get(row.id))) }
    },

    async get(id) {
      const row = await find(id)
      const last = await store.read((db) => lastChangesOf(db, [id]))
      return mappingView(row, last.get(id))
    },

    async create(author, { environmentId, confirmMoves, ...input }) {
      const match = soundMatch(input, false)
      const result = await store.change(author, environmentId, async (tx) => {
        await refuseMisfit(tx.db, environmentId, { ...input, match }, null)
        const planned = await planSplit(tx.db, environmentId, input, null, random)
        const columns = columnsOf(input, match, planned)
        const row = await refusingTakenNames(input.name, insertMapping(tx.db, environmentId, columns))
        const groups = groupsOf(planned.group)
        refuseMoves({ mappings: [], groups }, { mappings: [mappingOf(row)], groups }, confirmMoves)
        await tx.revise()
        tx.record({
          act: 'mapping.create',
          object: objectOf(row),
          before: null,
          after: mappingView(row),
          alsoTouches: groups.map((group) => group.id),
        })
        return row
      })
      return viewAfter(result, author, 'mapping.create')
    },

    async update(author, id, ifVersion, { confirmMoves, ...input }) {
      const { environmentId, pointOfNoReturn } = await find(id)
      const match = soundMatch(input, pointOfNoReturn)
      const result = await store.change(author, environmentId, async (tx) => {
        const before = found(await findMapping(tx.db, id), 'mapping')
        await refuseStale(tx.db, before, ifVersion)
        await refuseMisfit(tx.db, environmentId, { ...input, match }, id)
        const planned = await planSplit(tx.db, environmentId, input, before, random)
        if (planned.group && before.groupId === null) await refuseOwnRamp(tx.db, before)
        const groups = groupsOf(before.group, planned.group)
        const standing: Mapping = mappingOf(before)
        const moved: Mapping = { ...standing, split: planned.split }
        refuseMoves({ mappings: [standing], groups }, { mappings: [moved], groups }, confirmMoves)
        const columns = columnsOf(input, match, planned)
        const { share, shareVersion } = planned
        const written = updateMapping(tx.db, id, ifVersion, columns, { share, shareVersion })
        const row = await refusingTakenNames(input.name, written)
        await tx.revise()
        tx.record({
          act: 'mapping.update',
          object: objectOf(row),
          before: mappingView(before),
          after: mappingView(row),
          alsoTouches: groups.map((group) => group.id),
        })
        return row
      })
      return viewAfter(result, author, 'mapping.update')
    },

    async remove(author, id, ifVersion) {
      const { environmentId } = await find(id)
      await store.change(author, environmentId, async (tx) => {
        const row = found(await findMapping(tx.db, id), 'mapping')
        await refuseStale(tx.db, row, ifVersion)
        await recordLostRamp(tx, { kind: 'mapping', id, name: row.name })
        await removeMapping(tx.db, id, ifVersion)
        await countDeletedMapping(tx.db, environmentId)
        await tx.revise()
        tx.record({
          act: 'mapping.delete',
          object: objectOf(row),
          before: mappingView(row),
          after: null,
          alsoTouches: row.groupId === null ? [] : [row.groupId],
        })
      })
    },
  }
}

function objectOf(row: MappingRow) {
  return { kind: 'mapping', id: row.id, name: row.name }
}

/** As the writer made it, whatever happens to it next. */
function viewAfter(result: ChangeResult<MappingRow>, author: Author, act: string): MappingView {
  const [change] = result.changes
  const last = change && { seq: change.seq, at: new Date(change.at), actor: author.actor.name, act }
  return mappingView(result.value, last)
}

function columnsOf(
  input: Omit<MappingUpdate, 'confirmMoves'>,
  match: Match,
  planned: PlannedSplit,
): MappingColumns {
  return { ...input, match, matchKey: matchKey(match), split: planned.columns }
}
