import type { Cohort } from '@crossfade/contracts/api/cohorts'
import { findCohort, findCohortIn, insertCohort, listCohorts } from '../store/cohorts.ts'
import type { CohortRow } from '../store/entities.ts'
import type { ListQuery, Page } from '../store/page.ts'
import { Problem } from '@crossfade/contracts/problems'
import type { Db } from '../store/store.ts'
import type { ActParts } from './acts.ts'
import { found } from './refusals.ts'
import { cohortView } from './views.ts'

export interface CohortActs {
  list(query: ListQuery): Promise<Page<Cohort>>
  get(id: string): Promise<Cohort>
}

export function cohortActs({ store }: ActParts): CohortActs {
  return {
    async list(query) {
      const page = await store.read((db) => listCohorts(db, query))
      return { ...page, items: page.items.map(cohortView) }
    },
    async get(id) {
      return cohortView(found(await store.read((db) => findCohort(db, id)), 'cohort'))
    },
  }
}

const SALT_BYTES = 16

/** A new cohort called after what it is for: the salt is random, never the name (rule 9). */
export function newCohort(
  db: Db,
  environmentId: string,
  name: string,
  random: ActParts['random'],
): Promise<CohortRow> {
  return insertCohort(db, environmentId, name, Buffer.from(random(SALT_BYTES)).toString('hex'))
}

/** An existing cohort of the same environment; `split.cohortId` is wrong otherwise. */
export async function namedCohort(db: Db, environmentId: string, id: string): Promise<CohortRow> {
  const cohort = await findCohortIn(db, environmentId, id)
  if (cohort) return cohort
  const errors = [{ path: 'split.cohortId', message: `There is no cohort ${id} in this environment` }]
  throw new Problem('invalid_reference', { errors })
}
