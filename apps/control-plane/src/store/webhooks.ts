import type { NotificationType } from '@crossfade/contracts/api/webhooks'
import type { Prisma } from './generated/client.ts'
import { pageArguments, toPage, type ListQuery, type Page } from './page.ts'
import type { Db } from './store.ts'

const withLast = {
  deliveries: { orderBy: { createdAt: 'desc' }, take: 1, select: { status: true, createdAt: true } },
} as const satisfies Prisma.WebhookInclude

export type WebhookRow = Prisma.WebhookGetPayload<object>
export type WebhookRowWithLast = Prisma.WebhookGetPayload<{ include: typeof withLast }>

/** A signing secret as it is stored; times in ISO. */
export interface StoredSecret {
  readonly sealed: string
  readonly createdAt: string
  /** Null for the newest. */
  readonly expiresAt: string | null
}

export interface WebhookColumns {
  readonly name: string
  readonly address: string
  readonly shownAddress: string
  readonly events: readonly NotificationType[]
  readonly enabled: boolean
  readonly disabledReason: string | null
  readonly secrets: readonly StoredSecret[]
}

export async function listWebhooks(db: Db, query: ListQuery): Promise<Page<WebhookRowWithLast>> {
  const rows = await db.webhook.findMany({ ...pageArguments(query), include: withLast })
  return toPage(rows, query.limit, (row) => row.id)
}

export function findWebhook(db: Db, id: string): Promise<WebhookRowWithLast | null> {
  return db.webhook.findUnique({ where: { id }, include: withLast })
}

/** Whether another one of the same environment (null: of all) has this name. */
export async function isWebhookNameTaken(
  db: Db,
  environmentId: string | null,
  name: string,
  except?: string,
): Promise<boolean> {
  const found = await db.webhook.findMany({ where: { environmentId, name }, select: { id: true }, take: 2 })
  return found.some(({ id }) => id !== except)
}

export function insertWebhook(
  db: Db,
  row: WebhookColumns & { readonly id: string; readonly environmentId: string | null; readonly kind: string },
): Promise<WebhookRowWithLast> {
  const { events, secrets, ...rest } = row
  return db.webhook.create({
    data: { ...rest, events: [...events], secrets: json(secrets) },
    include: withLast,
  })
}

export function updateWebhook(
  db: Db,
  { id, version }: Pick<WebhookRow, 'id' | 'version'>,
  { events, secrets, ...changed }: Partial<WebhookColumns>,
): Promise<WebhookRowWithLast> {
  return db.webhook.update({
    where: { id, version },
    data: {
      ...changed,
      ...(events && { events: [...events] }),
      ...(secrets && { secrets: json(secrets) }),
      version: { increment: 1 },
    },
    include: withLast,
  })
}

export async function removeWebhook(db: Db, id: string, version: number): Promise<void> {
  await db.webhook.delete({ where: { id, version } })
}

/** Those that want to hear of one of `types` in this environment, or in all. */
export function webhooksFor(
  db: Db,
  environmentId: string | null,
  types: readonly string[],
): Promise<Pick<WebhookRow, 'id' | 'kind' | 'events'>[]> {
  const places =
    environmentId === null ? [{ environmentId: null }] : [{ environmentId: null }, { environmentId }]
  return db.webhook.findMany({
    where: { enabled: true, events: { hasSome: [...types] }, OR: places },
    select: { id: true, kind: true, events: true },
  })
}

export function secretsOf(row: Pick<WebhookRow, 'secrets'>): readonly StoredSecret[] {
  return row.secrets as unknown as StoredSecret[]
}

const json = (secrets: readonly StoredSecret[]) => secrets as unknown as Prisma.InputJsonArray
