import type { Db } from './store.ts'

/** What an id in a path may name. */
export type ObjectKind =
  | 'mapping'
  | 'group'
  | 'service'
  | 'segment'
  | 'cohort'
  | 'ramp'
  | 'freeze'
  | 'approval'
  | 'scheduled-change'
  | 'agent'
  | 'agent-token'
  | 'webhook'
  | 'delivery'
  | 'change'

/** Null in it: the object is the whole installation's, as the audit row of an invitation is. */
export interface Whereabouts {
  readonly environmentId: string | null
}

/** Where an object is; null when there is none of this id. A change's id is its sequence number. */
export async function whereaboutsOf(db: Db, kind: ObjectKind, id: string): Promise<Whereabouts | null> {
  const query = { where: { id }, select: { environmentId: true } } as const
  switch (kind) {
    case 'mapping':
      return db.mapping.findUnique(query)
    case 'group':
      return db.group.findUnique(query)
    case 'service':
      return db.service.findUnique(query)
    case 'segment':
      return db.segment.findUnique(query)
    case 'ramp':
      return db.ramp.findUnique(query)
    case 'cohort':
      return db.cohort.findUnique(query)
    case 'freeze':
      return db.freeze.findUnique(query)
    case 'approval':
      return db.approval.findUnique(query)
    case 'scheduled-change':
      return db.scheduledChange.findUnique(query)
    case 'agent':
      return db.agent.findUnique(query)
    case 'agent-token':
      return db.agentToken.findUnique(query)
    case 'webhook':
      return db.webhook.findUnique(query)
    case 'delivery': {
      const select = { webhook: { select: { environmentId: true } } } as const
      return (await db.delivery.findUnique({ where: { id }, select }))?.webhook ?? null
    }
    case 'change':
      return db.change.findUnique({ where: { seq: BigInt(id) }, select: { environmentId: true } })
  }
}
