import type { z } from 'zod'
import type { acceptLinkSchema, linkInfoSchema } from '@crossfade/contracts/api/people'
import { Problem } from '@crossfade/contracts/problems'
import { everywhere } from '@crossfade/contracts/roles'
import { sha256Hex } from '@crossfade/runtime/seal'
import { accessOf } from '../store/access.ts'
import type { Author } from '../store/author.ts'
import type { ChangeTx } from '../store/store.ts'
import {
  insertLink,
  linkByHash,
  spendLink,
  withdrawLinks,
  type LinkPurpose,
  type LinkRow,
} from '../store/people-links.ts'
import { deleteSessionsOf } from '../store/people-sessions.ts'
import {
  administrators,
  insertUser,
  updateUser,
  userByEmail,
  userById,
  type UserRow,
} from '../store/people-users.ts'
import type { PeopleParts } from './parts.ts'
import type { Principal } from './principal.ts'
import { randomSecret } from './secret.ts'
import type { Sessions } from './sessions.ts'
import { principalOfUser, userObject, userView } from './user-view.ts'

type LinkInfo = z.infer<typeof linkInfoSchema>
type Acceptance = z.output<typeof acceptLinkSchema>

export interface IssuedLink {
  readonly token: string
  /** Where the person opens it. */
  readonly url: string
  readonly expiresAt: Date
}

/** One-time links: 256 random bits of which only the hash is kept, good once and for a while. */
export interface Links {
  /** `first-administrator` while there is none; `sign-in` for an administrator (the oldest unless named). */
  issue(author: Author, purpose: 'first-administrator' | 'sign-in', email?: string): Promise<IssuedLink>
  /** For a person that exists already; inside the act that made or changed that person. */
  issueInvite(tx: ChangeTx, user: UserRow): Promise<IssuedLink>
  info(token: string): Promise<LinkInfo>
  /** Makes the account, or gives an invited person a password. */
  accept(input: Acceptance, requestId: string | null): Promise<Principal>
  signIn(token: string, requestId: string | null): Promise<Principal>
}

const lifeMs: Readonly<Record<LinkPurpose, number>> = {
  'first-administrator': 24 * 3_600_000,
  invite: 7 * 24 * 3_600_000,
  'sign-in': 3_600_000,
}

export function createLinks(parts: PeopleParts, sessions: Sessions): Links {
  const { store, clock, passwords, publicUrl } = parts
  const now = () => new Date(clock.now())

  const insert = async (
    tx: ChangeTx,
    link: { purpose: LinkPurpose; userId: string | null },
  ): Promise<IssuedLink> => {
    const token = randomSecret()
    const createdAt = now()
    const expiresAt = new Date(createdAt.getTime() + lifeMs[link.purpose])
    await withdrawLinks(tx.db, { purpose: link.purpose, userId: link.userId }, createdAt)
    await insertLink(tx.db, { ...link, tokenHash: sha256Hex(token), createdAt, expiresAt })
    return { token, url: `${publicUrl}/link#${token}`, expiresAt }
  }

  const usable = async (token: string): Promise<LinkRow> => {
    const link = await store.read((db) => linkByHash(db, sha256Hex(token)))
    if (!link) throw new Problem('not_found')
    const over = link.usedAt !== null || link.expiresAt.getTime() <= clock.now()
    if (over || link.user?.disabled) throw new Problem('link_used')
    return link
  }

  const spend = async (tx: ChangeTx, token: string): Promise<void> => {
    if (!(await spendLink(tx.db, sha256Hex(token), now()))) throw new Problem('link_used')
  }

  return {
    async issue(author, purpose, email) {
      const { value } = await store.change(author, null, async (tx) => {
        const [first, ...others] = await administrators(tx.db)
        if (purpose === 'first-administrator') {
          if (first) throw new Problem('link_used', { detail: 'There is an administrator already' })
          tx.record({ act: 'link.issue', object: linkObject(purpose), before: null, after: { purpose } })
          return insert(tx, { purpose, userId: null })
        }
        const user = email === undefined ? first : [first, ...others].find((one) => one?.email === email)
        if (!user) throw new Problem('not_found', { detail: 'There is no such administrator' })
        tx.record({ act: 'link.issue', object: userObject(user), before: null, after: { purpose } })
        return insert(tx, { purpose, userId: user.id })
      })
      return value
    },

    issueInvite: (tx, user) => insert(tx, { purpose: 'invite', userId: user.id }),

    async info(token) {
      const link = await usable(token)
      return {
        purpose: link.purpose as LinkPurpose,
        email: link.user?.email ?? null,
        access: link.user ? accessOf(link.user) : everywhere('admin'),
        expiresAt: link.expiresAt.toISOString(),
      }
    },

    async accept(input, requestId) {
      const link = await usable(input.token)
      if (link.purpose === 'sign-in') throw new Problem('not_found')
      const email = link.user?.email ?? input.email
      if (email === undefined) {
        throw new Problem('invalid_input', {
          errors: [{ path: 'email', message: 'Give your e-mail address' }],
        })
      }
      const passwordHash = await passwords.hash(input.password)
      const author = authorOfLink({ id: link.userId ?? link.id, name: email }, requestId)
      const { value } = await store.change(author, null, async (tx) => {
        await spend(tx, input.token)
        const person = { name: input.name, passwordHash }
        return link.userId === null
          ? addFirstAdministrator(tx, { ...person, email })
          : completeInvite(tx, link.userId, person)
      })
      if (link.userId !== null) sessions.userEnded(link.userId)
      return principalOfUser(value)
    },

    async signIn(token, requestId) {
      const link = await usable(token)
      const user = link.user
      if (link.purpose !== 'sign-in' || !user) throw new Problem('not_found')
      await store.change(authorOfLink(user, requestId), null, async (tx) => {
        await spend(tx, token)
        tx.record({ act: 'user.sign-in-link', object: userObject(user), before: null, after: null })
      })
      return principalOfUser(user)
    },
  }
}

/** Changes outside of environments wait for each other, so two links cannot make two first administrators. */
async function addFirstAdministrator(
  tx: ChangeTx,
  person: { readonly name: string; readonly email: string; readonly passwordHash: string },
): Promise<UserRow> {
  if ((await administrators(tx.db)).length > 0) throw new Problem('link_used')
  if (await userByEmail(tx.db, person.email)) throw emailTaken()
  const user = await insertUser(tx.db, { ...person, access: everywhere('admin') })
  tx.record({ act: 'user.join', object: userObject(user), before: null, after: userView(user) })
  return user
}

async function completeInvite(
  tx: ChangeTx,
  userId: string,
  person: { readonly name: string; readonly passwordHash: string },
): Promise<UserRow> {
  const before = await userById(tx.db, userId)
  const after = before && !before.disabled && (await updateUser(tx.db, userId, before.version, person))
  if (!before || !after) throw new Problem('link_used')
  await deleteSessionsOf(tx.db, userId)
  tx.record({ act: 'user.join', object: userObject(after), before: userView(before), after: userView(after) })
  return after
}

export function emailTaken(): Problem {
  return new Problem('duplicate_name', {
    detail: 'Somebody has that e-mail address already',
    errors: [{ path: 'email', message: 'Somebody has that e-mail address already' }],
  })
}

function linkObject(purpose: LinkPurpose): { kind: string; id: string; name: string } {
  return { kind: 'link', id: purpose, name: purpose }
}

function authorOfLink(
  person: { readonly id: string; readonly name: string },
  requestId: string | null,
): Author {
  return { actor: { kind: 'user', id: person.id, name: person.name }, source: 'dashboard', requestId }
}
