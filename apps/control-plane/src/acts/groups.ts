import type { z } from 'zod'
import type {
  groupCreateSchema,
  groupUpdateSchema,
  GroupSpec,
  GroupView,
} from '@crossfade/contracts/api/groups'
import { Problem } from '@crossfade/contracts/problems'
import type { Author } from '../store/author.ts'
import { groupOf, mappingOf, type GroupRowWithMembers } from '../store/entities.ts'
import {
  findGroup,
  insertGroup,
  listGroups,
  removeGroup,
  updateGroup,
  type GroupColumns,
} from '../store/groups.ts'
import { findMappings } from '../store/mappings.ts'
import type { ListQuery, Page } from '../store/page.ts'
import type { Db } from '../store/store.ts'
import type { ActParts } from './acts.ts'
import { namedCohort, newCohort } from './cohorts.ts'
import { refuseMoves } from './moves.ts'
import { recordLostRamp } from './ramps.ts'
import { found, refuseStale, refusingTakenNames } from './refusals.ts'
import { groupView } from './views.ts'

type GroupUpdate = z.output<typeof groupUpdateSchema>

export interface GroupActs {
  list(query: ListQuery): Promise<Page<GroupView>>
  get(id: string): Promise<GroupView>
  /** At share 0 and without members. */
  create(author: Author, input: z.output<typeof groupCreateSchema>): Promise<GroupView>
  /** Refused with `moves_users` when the new split moves anyone and that was not confirmed. */
  update(author: Author, id: string, ifVersion: number, input: GroupUpdate): Promise<GroupView>
  /** Refused while it has members. */
  remove(author: Author, id: string, ifVersion: number): Promise<void>
}

export function groupActs({ store, random }: ActParts): GroupActs {
  const find = async (id: string) => found(await store.read((db) => findGroup(db, id)), 'group')

  const planned = async (
    db: Db,
    environmentId: string,
    { name, description, split }: GroupSpec,
    before: GroupRowWithMembers | null,
  ): Promise<GroupColumns> => {
    const kept = before && groupOf(before).split
    const cohort =
      split.cohortId === null
        ? (before?.cohort ?? (await newCohort(db, environmentId, name, random)))
        : await namedCohort(db, environmentId, split.cohortId)
    return {
      name,
      description,
      cohortId: cohort.id,
      identity: split.identity ?? kept?.identity ?? { kind: 'request' },
      missing: split.missing ?? kept?.missing ?? 'legacy',
    }
  }

  return {
    async list(query) {
      const page = await store.read((db) => listGroups(db, query))
      return { ...page, items: page.items.map(groupView) }
    },

    get: async (id) => groupView(await find(id)),

    async create(author, { environmentId, ...input }) {
      const { value } = await store.change(author, environmentId, async (tx) => {
        const columns = await planned(tx.db, environmentId, input, null)
        const row = await refusingTakenNames(input.name, insertGroup(tx.db, environmentId, columns))
        await tx.revise()
        tx.record({ act: 'group.create', object: objectOf(row), before: null, after: groupView(row) })
        return row
      })
      return groupView(value)
    },

    async update(author, id, ifVersion, { confirmMoves, ...input }) {
      const { environmentId } = await find(id)
      const { value } = await store.change(author, environmentId, async (tx) => {
        const before = found(await findGroup(tx.db, id), 'group')
        await refuseStale(tx.db, before, ifVersion)
        const columns = await planned(tx.db, environmentId, input, before)
        const row = await refusingTakenNames(input.name, updateGroup(tx.db, id, ifVersion, columns))
        const memberIds = row.members.map((member) => member.id)
        const mappings = (await findMappings(tx.db, memberIds)).map(mappingOf)
        const [was, is] = [[groupOf(before)], [groupOf(row)]]
        refuseMoves({ mappings, groups: was }, { mappings, groups: is }, confirmMoves)
        await tx.revise()
        tx.record({
          act: 'group.update',
          object: objectOf(row),
          before: groupView(before),
          after: groupView(row),
          alsoTouches: memberIds,
        })
        return row
      })
      return groupView(value)
    },

    async remove(author, id, ifVersion) {
      const { environmentId } = await find(id)
      await store.change(author, environmentId, async (tx) => {
        const row = found(await findGroup(tx.db, id), 'group')
        await refuseStale(tx.db, row, ifVersion)
        if (row.members.length > 0) {
          const names = row.members.map((member) => member.name).join(', ')
          throw new Problem('in_use', {
            detail: `${row.name} still has the members ${names}`,
            extra: { mappings: row.members },
          })
        }
        await recordLostRamp(tx, { kind: 'group', id, name: row.name })
        await removeGroup(tx.db, id, ifVersion)
        await tx.revise()
        tx.record({ act: 'group.delete', object: objectOf(row), before: groupView(row), after: null })
      })
    },
  }
}

function objectOf(row: GroupRowWithMembers) {
  return { kind: 'group', id: row.id, name: row.name }
}
