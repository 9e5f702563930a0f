import type { Access, Role } from '@crossfade/contracts/roles'
import type { Prisma } from './generated/client.ts'

type Db = Prisma.TransactionClient

/** What of a person's or token's row says what they may do. Roles were checked on their way in. */
interface AccessRow {
  readonly role: string | null
  readonly roles: readonly { readonly environmentId: string; readonly role: string }[]
}

export const withRoles = {
  roles: { select: { environmentId: true, role: true }, orderBy: { environmentId: 'asc' } },
} as const

export function accessOf(row: AccessRow): Access {
  return {
    everywhere: row.role as Role | null,
    environments: row.roles.map(({ environmentId, role }) => ({ environmentId, role: role as Role })),
  }
}

/** The columns of a new row. */
export function accessColumns({ everywhere, environments }: Access) {
  return { role: everywhere, roles: { create: environments.map((one) => ({ ...one })) } }
}

/** Names of active people who are administrators of an environment, and of those who are everywhere; newest seen first. */
export async function administratorNames(db: Db, environmentId: string, limit: number) {
  const active = { disabled: false, passwordHash: { not: null } }
  const names = async (which: Prisma.UserWhereInput) => {
    const rows = await db.user.findMany({
      where: { ...active, ...which },
      select: { name: true },
      orderBy: [{ lastSeenAt: { sort: 'desc', nulls: 'last' } }, { id: 'asc' }],
      take: limit,
    })
    return rows.map((row) => row.name)
  }
  return {
    here: await names({ roles: { some: { environmentId, role: 'admin' } } }),
    everywhere: await names({ role: 'admin' }),
  }
}

/** Those of `ids` that exist. */
export async function knownEnvironments(db: Db, ids: readonly string[]): Promise<Set<string>> {
  const rows = await db.environment.findMany({ where: { id: { in: [...ids] } }, select: { id: true } })
  return new Set(rows.map((row) => row.id))
}
