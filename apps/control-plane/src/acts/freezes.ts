import type { z } from 'zod'
import type { freezeCreateSchema, freezeInputSchema, FreezeView } from '@crossfade/contracts/api/freezes'
import { freezeAt, spanAt, windowWords } from '@crossfade/core/governance/freeze'
import type { FreezeWindow } from '@crossfade/core/governance/model'
import type { Author } from '../store/author.ts'
import {
  findFreeze,
  freezeOf,
  insertFreeze,
  listFreezes,
  removeFreeze,
  updateFreeze,
  type FreezeRow,
} from '../store/governance.ts'
import type { ListQuery, Page } from '../store/page.ts'
import type { ActParts } from './acts.ts'
import { ownCopy } from './own-copy.ts'
import { found, refuseIf, refuseStale, refusingTakenNames } from './refusals.ts'

type FreezeSpec = z.output<typeof freezeInputSchema>

export interface FreezeActs {
  list(query: ListQuery): Promise<Page<FreezeView>>
  get(id: string): Promise<FreezeView>
  create(author: Author, input: z.output<typeof freezeCreateSchema>): Promise<FreezeView>
  update(author: Author, id: string, ifVersion: number, input: FreezeSpec): Promise<FreezeView>
  remove(author: Author, id: string, ifVersion: number): Promise<void>
}

/** Agents know nothing of freezes, so nothing here makes a revision. */
export function freezeActs({ store, clock }: ActParts): FreezeActs {
  const find = async (id: string) => found(await store.read((db) => findFreeze(db, id)), 'freeze')
  const view = (row: FreezeRow) => freezeView(row, clock.now())

  return {
    async list(query) {
      const page = await store.read((db) => listFreezes(db, query))
      return { ...page, items: page.items.map(view) }
    },

    get: async (id) => view(await find(id)),

    async create(author, { environmentId, ...input }) {
      refuseBackwards(input.window)
      const { value } = await store.change(author, environmentId, async (tx) => {
        const row = await refusingTakenNames(input.name, insertFreeze(tx.db, environmentId, input))
        tx.record({ act: 'freeze.create', object: objectOf(row), before: null, after: audited(row) })
        return row
      })
      return view(value)
    },

    async update(author, id, ifVersion, input) {
      refuseBackwards(input.window)
      const { environmentId } = await find(id)
      const { value } = await store.change(author, environmentId, async (tx) => {
        const before = found(await findFreeze(tx.db, id), 'freeze')
        await refuseStale(tx.db, before, ifVersion)
        const row = await refusingTakenNames(input.name, updateFreeze(tx.db, id, ifVersion, input))
        const views = { before: audited(before), after: audited(row) }
        tx.record({ act: 'freeze.update', object: objectOf(row), ...views })
        return row
      })
      return view(value)
    },

    async remove(author, id, ifVersion) {
      const { environmentId } = await find(id)
      await store.change(author, environmentId, async (tx) => {
        const row = found(await findFreeze(tx.db, id), 'freeze')
        await refuseStale(tx.db, row, ifVersion)
        await removeFreeze(tx.db, id, ifVersion)
        tx.record({ act: 'freeze.delete', object: objectOf(row), before: audited(row), after: null })
      })
    },
  }
}

function freezeView(row: FreezeRow, now: number): FreezeView {
  const { window } = freezeOf(row)
  const span = spanAt(window, now)
  return {
    id: row.id,
    environmentId: row.environmentId,
    version: row.version,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
    name: row.name,
    reason: row.reason,
    window: ownCopy(window),
    words: windowWords(window),
    active: freezeAt([freezeOf(row)], now) !== null,
    from: span && new Date(span.from).toISOString(),
    until: span && new Date(span.until).toISOString(),
  }
}

/** Without what only holds for a moment. */
function audited(row: FreezeRow) {
  const { version, name, reason } = row
  return { version, name, reason, window: freezeOf(row).window }
}

function objectOf({ id, name }: FreezeRow) {
  return { kind: 'freeze', id, name }
}

function refuseBackwards(window: FreezeWindow): void {
  if (window.kind === 'weekly' || Date.parse(window.from) < Date.parse(window.until)) return
  refuseIf([{ path: 'window.until', message: 'It must end after it begins' }], 'invalid_input')
}
