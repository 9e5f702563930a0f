import { accessText } from '@crossfade/contracts/access-text'
import { accessSchema } from '@crossfade/contracts/api/people'
import type { Change } from '@crossfade/contracts/api/changes'
import { percentText } from '../format.ts'
import { changedFields } from './field-diff.ts'

/** A change in words: "Maya" + "raised checkout from 5 % to 25 %". */
export interface ChangeSentence {
  readonly who: string
  readonly did: string
}

type Told = Pick<Change, 'actor' | 'act' | 'object' | 'before' | 'after'>

export function sentenceOf(change: Told): ChangeSentence {
  return { who: whoOf(change), did: didOf(change) }
}

export function sentenceText(change: Told): string {
  const { who, did } = sentenceOf(change)
  return `${who} ${did}`
}

function whoOf({ actor }: Told): string {
  switch (actor.kind) {
    case 'user':
      return actor.name
    case 'token':
      // Whoever may read the control plane's data directory; no token that somebody could revoke.
      if (actor.id === 'local') return 'The local administrator'
      return `Token ${actor.name}`
    case 'agent':
      return `Agent ${actor.name}`
    case 'guardrail':
      return `Guardrail ${actor.name}`
    case 'schedule':
      return `Schedule ${actor.name}`
    case 'system':
      return actor.id === 'ramp' ? 'The ramp' : 'Crossfade'
  }
}

function didOf(change: Told): string {
  const [kind = '', verb = ''] = change.act.split(/\.(.*)/s)
  return (
    special[change.act]?.(change) ??
    (kind === 'ramp' ? rampActed(change) : undefined) ??
    (verb === 'share' || verb === 'rollback' ? shareMoved(change, verb) : undefined) ??
    general(kind, verb, change)
  )
}

/** Acts whose sentence is no "verb the thing". */
const special: Readonly<Record<string, ((change: Told) => string) | undefined>> = {
  'environment.rollback': ({ object, after }) => {
    const moved = field(after, 'shares')
    const count = Array.isArray(moved)
      ? `: ${counted(moved.length, 'mapping or group', 'mappings and groups')}`
      : ''
    return `rolled back everything in ${object.name}${count}`
  },
  'environment.epoch': ({ object }) =>
    `began a new epoch in ${object.name}: an agent had seen a newer revision`,
  'approval.request': ({ object }) => `asked for approval: ${object.name}`,
  'approval.edit': ({ object }) => `changed a request for approval: ${object.name}`,
  'approval.approve': ({ object }) => `approved: ${object.name}`,
  'approval.decline': ({ object }) => `declined: ${object.name}`,
  'approval.apply': ({ object }) => `applied what was approved: ${object.name}`,
  'approval.fail': ({ object }) => `could not apply what was approved: ${object.name}`,
  'approval.cancel': ({ object }) => `withdrew the request: ${object.name}`,
  'environment.stop-line': ({ object }) => `stopped the line in ${object.name}: no raises`,
  'environment.start-line': ({ object }) => `let the line of ${object.name} run again`,
  'environment.protect': ({ object }) => `changed which raises in ${object.name} need approvals`,
  'service.stop-verifying': ({ object }) =>
    `stopped verifying the certificate of ${object.name}: anybody who answers in its place is believed`,
  'service.verify': ({ object }) => `began to verify the certificate of ${object.name} again`,
  'agent.emergency': ({ object, after }) =>
    `rolled back ${affected(after)} on agent ${object.name} itself, without the control plane`,
  'agent.emergency-clear': ({ object }) => `cleared the emergency roll back on agent ${object.name}`,
  'agent.join': ({ object }) => `joined as agent ${object.name}`,
  'agent.renew': ({ object }) => `renewed the credential of agent ${object.name}`,
  'agent.revoke': ({ object }) => `revoked agent ${object.name}`,
  'agent.retire': ({ object }) => `retired agent ${object.name}`,
  'webhook.test': ({ object }) => `sent a test to the webhook ${object.name}`,
  'webhook.rotate': ({ object }) => `made a new signing secret for the webhook ${object.name}`,
  'webhook.redeliver': ({ object }) => `sent a message to the webhook ${object.name} again`,
  'webhook.disable': ({ object }) => `disabled the webhook ${object.name}`,
  'ramp.note': ({ object }) => `remarked on the ramp of ${object.name}`,
  'user.invite': ({ object, after }) => `invited ${object.name}${asRole(after)}`,
  'user.join': ({ object, after }) => `joined as ${object.name}${asRole(after, ', ')}`,
  'user.sign-in-link': () => 'signed in with a one-time link',
  'user.password': () => 'changed their password',
  'user.update': (change) => userUpdated(change),
  'link.issue': ({ object, after }) =>
    field(after, 'purpose') === 'first-administrator'
      ? 'printed the link for the first administrator'
      : `made a one-time sign-in link for ${object.name}`,
}

function shareMoved({ object, before, after }: Told, verb: 'share' | 'rollback'): string {
  const thing = object.kind === 'group' ? `group ${object.name}` : object.name
  const from = percentOf(before)
  const to = percentOf(after) ?? (verb === 'rollback' ? 0 : null)
  if (verb === 'rollback')
    return from === null || from === 0
      ? `rolled back ${thing}`
      : `rolled back ${thing} from ${percentText(from)}`
  if (to === null) return `moved the share of ${thing}`
  if (from === null) return `set ${thing} to ${percentText(to)}`
  const moved = to > from ? 'raised' : to < from ? 'lowered' : 'confirmed'
  return to === from
    ? `${moved} ${thing} at ${percentText(to)}`
    : `${moved} ${thing} from ${percentText(from)} to ${percentText(to)}`
}

/** What happened on a ramp comes with its words. */
function rampActed({ actor, object, after }: Told): string | undefined {
  const words = field(after, 'words')
  if (typeof words !== 'string') return undefined
  const whose = actor.id === 'ramp' ? 'of' : 'on the ramp of'
  return `${whose} ${object.name}: ${words.slice(0, 1).toLowerCase()}${words.slice(1)}`
}

function userUpdated({ object, before, after }: Told): string {
  const fields = changedFields(before, after)
  const [was, is] = [accessIn(before), accessIn(after)]
  if (was !== null && is !== null && was !== is) return `made ${object.name} ${is}, before: ${was}`
  if (fields.includes('state'))
    return field(after, 'state') === 'disabled' ? `disabled ${object.name}` : `let ${object.name} in again`
  return `edited the person ${object.name}${editedFields(fields)}`
}

const verbs: Readonly<Record<string, string | undefined>> = {
  create: 'created',
  update: 'edited',
  delete: 'deleted',
  remove: 'deleted',
  revoke: 'revoked',
  disable: 'disabled',
  enable: 'enabled',
}

function general(kind: string, verb: string, change: Told): string {
  const thing = `the ${nouns[kind] ?? kind.replaceAll('-', ' ')} ${change.object.name}`
  const known = verbs[verb]
  if (known === undefined) return `did “${verb.replaceAll('-', ' ') || kind}” on ${thing}`
  return `${known} ${thing}${verb === 'update' ? editedFields(changedFields(change.before, change.after)) : ''}`
}

const nouns: Readonly<Record<string, string | undefined>> = {
  user: 'person',
  token: 'API token',
  'agent-token': 'agent token',
}

const fieldWords: Readonly<Record<string, string | undefined>> = {
  legacy: 'legacy side',
  new: 'new side',
  split: 'who goes first',
  originalUriOnAnswers: 'original address on answers',
  pointOfNoReturn: 'point of no return',
  tls: 'TLS',
  defaults: 'default services',
  trustedHops: 'trusted hops',
  forcedSide: 'forced side',
  callers: 'allowed callers',
  paths: 'path policies',
  sendForwarded: 'Forwarded header',
}

function editedFields(fields: readonly string[]): string {
  if (fields.length === 0) return ''
  const words = fields.map((name) => fieldWords[name] ?? name)
  const shown = words.length > 3 ? [...words.slice(0, 3), `${words.length - 3} more`] : words
  return `: ${shown.join(', ')}`
}

function percentOf(value: unknown): number | null {
  const percent = field(value, 'percent') ?? field(field(value, 'split'), 'percent')
  if (typeof percent === 'number') return percent
  const share = field(value, 'share') ?? field(field(value, 'split'), 'share')
  return typeof share === 'number' ? share / 100 : null
}

function affected(value: unknown): string {
  const overlay = field(value, 'overlay') ?? value
  const ids = ['mappingIds', 'groupIds'].flatMap((name) => {
    const list = field(overlay, name)
    return Array.isArray(list) ? list : []
  })
  return ids.length === 0 ? 'traffic' : counted(ids.length, 'mapping or group', 'mappings and groups')
}

function asRole(value: unknown, joint = ' as '): string {
  const access = accessIn(value)
  return access === null ? '' : `${joint}${access}`
}

function accessIn(value: unknown): string | null {
  const { data } = accessSchema.safeParse(field(value, 'access'))
  return data === undefined ? null : accessText(data)
}

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined
}
