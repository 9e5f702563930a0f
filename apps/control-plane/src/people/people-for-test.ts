import { Problem } from '@crossfade/contracts/problems'
import { everywhere } from '@crossfade/contracts/roles'
import { manualClock, type ManualClock } from '@crossfade/testkit/manual-clock'
import type { Granter } from '../store/author.ts'
import { openStoreForTest } from '../store/open-for-test.ts'
import type { Store } from '../store/store.ts'
import { createPeople, type People } from './people.ts'

/** Cheap enough for tests; everything else about passwords is as in earnest. */
export const cheapPasswords = { ln: 4, r: 8, p: 1 } as const
export const testPublicKey = Buffer.alloc(32, 7).toString('base64')

export interface PeopleHouse {
  readonly store: Store
  readonly clock: ManualClock
  readonly people: People
}

export async function openPeople(publicUrl = 'http://127.0.0.1:4400'): Promise<PeopleHouse> {
  const clock = manualClock(Date.UTC(2026, 0, 1))
  const store = await openStoreForTest()
  const people = createPeople({
    store,
    clock,
    publicUrl,
    publicKey: testPublicKey,
    passwordCost: cheapPasswords,
  })
  return { store, clock, people }
}

export const aPerson: Granter = {
  actor: { kind: 'user', id: 'someone', name: 'Someone' },
  source: 'dashboard',
  requestId: 'request-1',
  access: everywhere('admin'),
}

/** The code of the refusal, or `accepted`. */
export async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work
    return 'accepted'
  } catch (error) {
    if (error instanceof Problem) return error.code
    throw error
  }
}

/** The first administrator, through the link that is printed at start. */
export async function becomeAdministrator(
  people: People,
  email = 'ada@example.com',
  password = 'correct horse',
) {
  const { token } = await people.issueLink('first-administrator')
  return await people.links.accept({ token, email, name: 'Ada', password }, null)
}
