import { isDeepStrictEqual } from 'node:util'
import type { z } from 'zod'
import type {
  inviteCreatedSchema,
  inviteInputSchema,
  passwordChangeSchema,
  userUpdateSchema,
  UserView,
} from '@crossfade/contracts/api/people'
import { Problem } from '@crossfade/contracts/problems'
import { found, refuseStale } from '../acts/refusals.ts'
import { accessOf } from '../store/access.ts'
import type { Author, Granter } from '../store/author.ts'
import { deleteSessionsOf } from '../store/people-sessions.ts'
import {
  administrators,
  deleteUser,
  insertUser,
  updateUser,
  userByEmail,
  userById,
  usersAfter,
  type UserPatch,
  type UserRow,
} from '../store/people-users.ts'
import type { ChangeTx } from '../store/store.ts'
import { refuseGrantingMore, refuseUnknownEnvironments } from './grants.ts'
import { emailTaken, type IssuedLink, type Links } from './links.ts'
import type { Page, PageQuery } from '../store/page.ts'
import { pageOfRows, type PeopleParts } from './parts.ts'
import type { Principal } from './principal.ts'
import type { Sessions } from './sessions.ts'
import { isActiveAdministrator, principalOfUser, userObject, userView } from './user-view.ts'

type InviteCreated = z.infer<typeof inviteCreatedSchema>

/** Who gives, changes or takes rights must have them (`forbidden`). */
export interface Users {
  list(query: PageQuery): Promise<Page<UserView>>
  /** A person without a password, and the link with which to choose one. */
  invite(author: Granter, input: z.output<typeof inviteInputSchema>): Promise<InviteCreated>
  /** A new link for somebody who lost theirs, or their password; older ones stop working. */
  inviteAgain(author: Granter, id: string): Promise<InviteCreated>
  /** Other rights, or none, end the person's sessions: the next one begins with a sign-in and a new id. */
  update(
    author: Granter,
    id: string,
    ifVersion: number,
    input: z.output<typeof userUpdateSchema>,
  ): Promise<UserView>
  remove(author: Granter, id: string, ifVersion: number): Promise<void>
  /** Throws `wrong_credentials`, whatever is wrong. */
  signIn(email: string, password: string): Promise<Principal>
  /** Ends all other sessions of the person. */
  changePassword(
    author: Author,
    principal: Principal,
    input: z.output<typeof passwordChangeSchema>,
  ): Promise<void>
}

export function createUsers(parts: PeopleParts, sessions: Sessions, links: Links): Users {
  const { store, passwords } = parts

  /**
   * Reads, checks the version, writes, and keeps the last administrator. Changes outside of environments wait
   * for each other, so two administrators cannot remove one another at the same moment.
   */
  const edit = async (
    author: Granter,
    id: string,
    ifVersion: number,
    write: (tx: ChangeTx, before: UserRow) => Promise<UserRow | null>,
  ): Promise<UserRow | null> => {
    const { value } = await store.change(author, null, async (tx) => {
      const before = await existing(tx, id)
      refuseGrantingMore(author, accessOf(before))
      await refuseStale(tx.db, before, ifVersion)
      const after = await write(tx, before)
      if (isActiveAdministrator(before) && (await administrators(tx.db)).length === 0) {
        throw new Problem('last_administrator')
      }
      return after
    })
    return value
  }

  return {
    async list({ cursor, limit }) {
      return pageOfRows(await store.read((db) => usersAfter(db, cursor, limit + 1)), limit, userView)
    },

    async invite(author, input) {
      refuseGrantingMore(author, input.access)
      const { value } = await store.change(author, null, async (tx) => {
        if (await userByEmail(tx.db, input.email)) throw emailTaken()
        await refuseUnknownEnvironments(tx.db, input.access)
        const user = await insertUser(tx.db, { ...input, name: input.email, passwordHash: null })
        const link = await links.issueInvite(tx, user)
        tx.record({ act: 'user.invite', object: userObject(user), before: null, after: userView(user) })
        return created(user, link)
      })
      return value
    },

    async inviteAgain(author, id) {
      const { value } = await store.change(author, null, async (tx) => {
        const user = await existing(tx, id)
        // Whoever opens the link becomes that person.
        refuseGrantingMore(author, accessOf(user))
        if (user.disabled) {
          throw new Problem('invalid_input', { detail: 'Enable this person before sending a new link' })
        }
        const link = await links.issueInvite(tx, user)
        tx.record({ act: 'user.invite', object: userObject(user), before: null, after: userView(user) })
        return created(user, link)
      })
      return value
    },

    async update(author, id, ifVersion, input) {
      const patch = withoutUndefined(input)
      let isOver = false
      if (input.access) refuseGrantingMore(author, input.access)
      const after = await edit(author, id, ifVersion, async (tx, before) => {
        if (input.access) await refuseUnknownEnvironments(tx.db, input.access)
        const changed = found(await updateUser(tx.db, id, ifVersion, patch), 'person')
        isOver = changed.disabled || !isDeepStrictEqual(accessOf(changed), accessOf(before))
        if (isOver) await deleteSessionsOf(tx.db, id)
        const views = { before: userView(before), after: userView(changed) }
        tx.record({ act: 'user.update', object: userObject(changed), ...views })
        return changed
      })
      if (!after) throw new Problem('not_found')
      if (isOver) sessions.userEnded(id)
      else sessions.forgetUser(id)
      return userView(after)
    },

    async remove(author, id, ifVersion) {
      await edit(author, id, ifVersion, async (tx, before) => {
        await deleteUser(tx.db, id, ifVersion)
        tx.record({ act: 'user.delete', object: userObject(before), before: userView(before), after: null })
        return null
      })
      sessions.userEnded(id)
    },

    async signIn(email, password) {
      const user = await store.read((db) => userByEmail(db, email))
      const matches = await passwords.matches(password, user?.passwordHash ?? null)
      if (!user || !matches || user.disabled) throw new Problem('wrong_credentials')
      return principalOfUser(user)
    },

    async changePassword(author, principal, input) {
      const user = await store.read((db) => userById(db, principal.id))
      if (!user || !(await passwords.matches(input.current, user.passwordHash))) {
        throw new Problem('wrong_credentials', {
          errors: [{ path: 'current', message: 'This is not your password' }],
        })
      }
      const passwordHash = await passwords.hash(input.next)
      await store.change(author, null, async (tx) => {
        found(await updateUser(tx.db, user.id, user.version, { passwordHash }), 'person')
        tx.record({ act: 'user.password', object: userObject(user), before: null, after: null })
      })
      await sessions.endAll(user.id, principal.sessionId)
    },
  }
}

async function existing(tx: ChangeTx, id: string): Promise<UserRow> {
  return found(await userById(tx.db, id), 'person')
}

function created(user: UserRow, link: IssuedLink): InviteCreated {
  return { user: userView(user), link: link.url, expiresAt: link.expiresAt.toISOString() }
}

function withoutUndefined(input: z.output<typeof userUpdateSchema>): UserPatch {
  const { name, access, disabled } = input
  return {
    ...(name !== undefined && { name }),
    ...(access !== undefined && { access }),
    ...(disabled !== undefined && { disabled }),
  }
}
