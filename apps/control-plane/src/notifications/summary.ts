import type { AuditFacts } from '../audit/chain.ts'

/** One sentence about an audited act, for people who see nothing else of it. */
export function summaryOf({ act, actor, object, before, after }: AuditFacts): string {
  const from = percentIn(before)
  const to = percentIn(after)
  const words = member(after, 'words')
  if (act.startsWith('ramp.') && typeof words === 'string') return `${object.name}: ${words}`
  switch (act) {
    case 'mapping.share':
    case 'group.share':
      return `${actor.name} moved the share of ${object.name} from ${from} to ${to}`
    case 'mapping.rollback':
    case 'group.rollback':
      return `${actor.name} rolled back ${object.name} from ${from}`
    case 'environment.rollback':
      return `${actor.name} pulled the kill switch of ${object.name}: every share is 0 %`
    case 'environment.stop-line':
      return `${actor.name} stopped the line in ${object.name}: no raises`
    case 'environment.start-line':
      return `${actor.name} let the line go on in ${object.name}`
    case 'freeze.create':
      return `${actor.name} made the freeze ${object.name}`
    case 'freeze.update':
      return `${actor.name} changed the freeze ${object.name}`
    case 'freeze.delete':
      return `${actor.name} ended the freeze ${object.name}`
    case 'agent.emergency':
      return `${object.name} was rolled back on the spot, without the control plane, by ${actor.name}`
    case 'agent.emergency-clear':
      return `${actor.name} ended the roll back that was made on ${object.name}`
    default:
      return `${actor.name}: ${act.replaceAll(/[.-]/g, ' ')}, ${object.name}`
  }
}

function percentIn(view: unknown): string {
  const percent = member(view, 'percent')
  return typeof percent === 'number' ? `${percent} %` : 'an unknown share'
}

/** What a view has under this name. */
export function member(view: unknown, name: string): unknown {
  return typeof view === 'object' && view !== null ? Reflect.get(view, name) : undefined
}
