import type { Notification, NotificationType, testType } from '@crossfade/contracts/api/webhooks'
import type { AuditFacts } from '../audit/chain.ts'
import { member, summaryOf } from './summary.ts'

/** Something to tell, as it is kept until it is told. */
export interface NotificationEvent extends Omit<Notification['data'], 'link' | 'environment'> {
  /** The same whoever tells it and however often: it is told once. */
  readonly key: string
  readonly type: NotificationType | typeof testType
  /** ISO. */
  readonly at: string
  readonly environmentId: string | null
}

/** Views larger than this are left out; the trail has them. */
const largestView = 8_000

/** What of an audited act is told; null for acts that nobody waits for. */
export function eventOfChange(facts: AuditFacts): NotificationEvent | null {
  const type = typeOf(facts)
  if (type === null) return null
  const { object, actor, act, reason, at, environmentId, seq } = facts
  return {
    key: `change:${seq}`,
    type,
    at,
    environmentId,
    thread: threadOf(facts),
    summary: summaryOf(facts),
    actor,
    object,
    act,
    change: seq,
    before: small(facts.before),
    after: small(facts.after),
    reason,
  }
}

const types: Readonly<Record<string, NotificationType>> = {
  'mapping.share': 'share.changed',
  'group.share': 'share.changed',
  'mapping.rollback': 'share.rolled_back',
  'group.rollback': 'share.rolled_back',
  'environment.rollback': 'environment.rolled_back',
  'ramp.started': 'ramp.changed',
  'ramp.advanced': 'ramp.changed',
  'ramp.skipped': 'ramp.changed',
  'ramp.completed': 'ramp.changed',
  'ramp.paused': 'ramp.changed',
  'ramp.resumed': 'ramp.changed',
  'ramp.held-longer': 'ramp.changed',
  'ramp.waits': 'ramp.changed',
  'ramp.hand-moved': 'ramp.changed',
  'ramp.new-version': 'ramp.changed',
  'ramp.stepping-back': 'ramp.changed',
  'ramp.stepped-back': 'ramp.changed',
  'ramp.stopped': 'ramp.changed',
  'ramp.rolled-back': 'share.rolled_back',
  'ramp.verdict': 'ramp.verdict',
  'ramp.person-called': 'ramp.person_called',
  'ramp.roll-back-withheld': 'ramp.person_called',
  'ramp.approved': 'approval.given',
  'environment.stop-line': 'freeze.changed',
  'environment.start-line': 'freeze.changed',
  'agent.emergency': 'agent.emergency',
  'agent.emergency-clear': 'agent.emergency',
}

function typeOf({ act, after }: AuditFacts): NotificationType | null {
  // A guardrail that only practises wakes nobody up.
  if (act === 'ramp.verdict' && member(member(after, 'cause'), 'dryRun') === true) return null
  if (act === 'ramp.waits' && member(after, 'waitsFor') === 'approval') return 'approval.wanted'
  if (act.startsWith('ramp.') && member(after, 'callsPerson') === true) return 'ramp.person_called'
  if (act.startsWith('freeze.')) return 'freeze.changed'
  if (act.startsWith('approval.')) {
    return /^approval\.(create|request|want)/.test(act) ? 'approval.wanted' : 'approval.given'
  }
  return types[act] ?? null
}

/** Acts of a ramp name it first of what else they touch. */
function threadOf({ act, object, alsoTouches }: AuditFacts): string {
  const [ramp] = alsoTouches
  return act.startsWith('ramp.') && ramp !== undefined ? `ramp:${ramp}` : `${object.kind}:${object.id}`
}

function small(view: unknown): unknown {
  return JSON.stringify(view ?? null).length > largestView ? null : view
}
