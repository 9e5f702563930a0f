import type { z } from 'zod'
import type { segmentCreateSchema, segmentInputSchema, SegmentView } from '@crossfade/contracts/api/segments'
import { Problem } from '@crossfade/contracts/problems'
import { problemsOfSegment } from '@crossfade/core/validate'
import type { Author } from '../store/author.ts'
import type { SegmentRow } from '../store/entities.ts'
import type { ListQuery, Page } from '../store/page.ts'
import {
  findSegment,
  insertSegment,
  listSegments,
  removeSegment,
  updateSegment,
  usersOfSegment,
} from '../store/segments.ts'
import type { ActParts } from './acts.ts'
import { found, refuseIf, refuseStale, refusingTakenNames } from './refusals.ts'
import { segmentView } from './views.ts'

type SegmentInput = z.output<typeof segmentInputSchema>

export interface SegmentActs {
  list(query: ListQuery): Promise<Page<SegmentView>>
  get(id: string): Promise<SegmentView>
  create(author: Author, input: z.output<typeof segmentCreateSchema>): Promise<SegmentView>
  update(author: Author, id: string, ifVersion: number, input: SegmentInput): Promise<SegmentView>
  /** Refused while a mapping lists it or callers are chosen by it. */
  remove(author: Author, id: string, ifVersion: number): Promise<void>
}

export function segmentActs({ store }: ActParts): SegmentActs {
  const find = async (id: string) => found(await store.read((db) => findSegment(db, id)), 'segment')

  return {
    async list(query) {
      const page = await store.read((db) => listSegments(db, query))
      return { ...page, items: page.items.map(segmentView) }
    },

    get: async (id) => segmentView(await find(id)),

    async create(author, { environmentId, ...input }) {
      refuseIf(problemsOfSegment(input), 'invalid_input')
      const { value } = await store.change(author, environmentId, async (tx) => {
        const row = await refusingTakenNames(input.name, insertSegment(tx.db, environmentId, input))
        await tx.revise()
        tx.record({ act: 'segment.create', object: objectOf(row), before: null, after: segmentView(row) })
        return row
      })
      return segmentView(value)
    },

    async update(author, id, ifVersion, input) {
      refuseIf(problemsOfSegment(input), 'invalid_input')
      const { environmentId } = await find(id)
      const { value } = await store.change(author, environmentId, async (tx) => {
        const before = found(await findSegment(tx.db, id), 'segment')
        await refuseStale(tx.db, before, ifVersion)
        const row = await refusingTakenNames(input.name, updateSegment(tx.db, id, ifVersion, input))
        const { mappings } = await usersOfSegment(tx.db, row)
        await tx.revise()
        tx.record({
          act: 'segment.update',
          object: objectOf(row),
          before: segmentView(before),
          after: segmentView(row),
          alsoTouches: mappings.map((mapping) => mapping.id),
        })
        return row
      })
      return segmentView(value)
    },

    async remove(author, id, ifVersion) {
      const { environmentId } = await find(id)
      await store.change(author, environmentId, async (tx) => {
        const row = found(await findSegment(tx.db, id), 'segment')
        await refuseStale(tx.db, row, ifVersion)
        refuseInUse(row, await usersOfSegment(tx.db, row))
        await removeSegment(tx.db, id, ifVersion)
        await tx.revise()
        tx.record({ act: 'segment.delete', object: objectOf(row), before: segmentView(row), after: null })
      })
    },
  }
}

function objectOf(row: SegmentRow) {
  return { kind: 'segment', id: row.id, name: row.name }
}

function refuseInUse(row: SegmentRow, users: Awaited<ReturnType<typeof usersOfSegment>>): void {
  const { mappings, choosesCallers } = users
  if (mappings.length === 0 && !choosesCallers) return
  const names = mappings.map((mapping) => mapping.name)
  if (choosesCallers) names.push('the allowed callers of the environment')
  throw new Problem('in_use', {
    detail: `${row.name} is used by ${names.join(', ')}`,
    extra: { mappings, choosesCallers },
  })
}
