import type { Change } from '@crossfade/contracts/api/changes'
import { findChange, listChanges, type ChangesFilter } from '../store/changes.ts'
import type { Page } from '../store/page.ts'
import type { ActParts } from './acts.ts'
import { found } from './refusals.ts'
import { changeView } from './views.ts'

export interface ChangeActs {
  /** Newest first. */
  list(query: ChangesFilter): Promise<Page<Change>>
  get(seq: number): Promise<Change>
}

export function changeActs({ store }: ActParts): ChangeActs {
  return {
    async list(query) {
      const page = await store.read((db) => listChanges(db, query))
      return { ...page, items: page.items.map(changeView) }
    },
    async get(seq) {
      return changeView(found(await store.read((db) => findChange(db, seq)), 'change'))
    },
  }
}
