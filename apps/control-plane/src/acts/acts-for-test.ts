import { randomBytes } from 'node:crypto'
import { groupCreateSchema, type GroupView } from '@crossfade/contracts/api/groups'
import { mappingCreateSchema, mappingUpdateSchema, type MappingView } from '@crossfade/contracts/api/mappings'
import { rampCreateSchema, type RampView } from '@crossfade/contracts/api/ramps'
import { segmentCreateSchema, type SegmentView } from '@crossfade/contracts/api/segments'
import { serviceCreateSchema, type ServiceView } from '@crossfade/contracts/api/services'
import type { Change } from '@crossfade/contracts/api/changes'
import { anyNetwork } from '@crossfade/core/address-policy'
import { systemClock, type Clock } from '@crossfade/runtime/clock'
import type { z } from 'zod'
import type { Author } from '../store/author.ts'
import type { Store } from '../store/store.ts'
import { createActs, type Acts } from './acts.ts'

export const anna: Author = {
  actor: { kind: 'user', id: 'anna', name: 'Anna' },
  source: 'api',
  requestId: 'request-1',
}
export const ben: Author = { ...anna, actor: { kind: 'user', id: 'ben', name: 'Ben' }, requestId: null }

type RampTarget = z.input<typeof rampCreateSchema>['target']

/** Acts over a store, with short ways to things that a test needs but is not about. */
export interface TestActs extends Acts {
  aService(name?: string): Promise<ServiceView>
  aSegment(name?: string): Promise<SegmentView>
  aGroup(input?: Partial<z.input<typeof groupCreateSchema>>): Promise<GroupView>
  /** With services of its own and a path nobody else has. */
  aMapping(input?: Partial<z.input<typeof mappingCreateSchema>>): Promise<MappingView>
  /** Of three stages, 1, 10 and 100 %, an hour each, without guardrails; not started. */
  aRamp(target: RampTarget, input?: Partial<z.input<typeof rampCreateSchema>>): Promise<RampView>
  /** Everything audited about an object, oldest first. */
  historyOf(objectId: string): Promise<Change[]>
  revision(): Promise<number>
}

export function testActs(store: Store, clock: Clock = systemClock): TestActs {
  const acts = createActs({ store, clock, random: randomBytes, addresses: anyNetwork })
  let number = 0
  const next = (noun: string) => `${noun} ${++number}`

  const test: TestActs = {
    ...acts,
    aService: (name = next('service')) =>
      acts.services.create(anna, serviceCreateSchema.parse({ name, instances: ['http://10.0.0.7:8080'] })),
    aSegment: (name = next('segment')) =>
      acts.segments.create(
        anna,
        segmentCreateSchema.parse({
          name,
          side: 'new',
          conditions: [{ attribute: { kind: 'header', name: 'x-team' }, operator: 'in', values: ['qa'] }],
        }),
      ),
    aGroup: (input = {}) =>
      acts.groups.create(anna, groupCreateSchema.parse({ name: next('group'), ...input })),
    async aMapping(input = {}) {
      const [legacy, target] = [await test.aService(), await test.aService()]
      const name = next('mapping')
      const whole = {
        name,
        match: { path: { kind: 'exact', path: `/${name.replace(' ', '-')}` } },
        legacy: { serviceId: legacy.id },
        new: { serviceId: target.id },
        ...input,
      }
      return await acts.mappings.create(anna, mappingCreateSchema.parse(whole))
    },
    aRamp: ({ kind, id }, input = {}) =>
      acts.ramps.create(
        anna,
        rampCreateSchema.parse({
          target: { kind, id },
          plan: { stages: [1, 10, 100].map((percent) => ({ percent, holdMs: 3_600_000 })) },
          guardrails: [],
          ...input,
        }),
      ),
    async historyOf(objectId) {
      const { items } = await acts.changes.list({ among: 'all', objectId, limit: 100 })
      return items.toReversed()
    },
    revision: async () => (await acts.environments.get('default')).revision,
  }
  return test
}

/** What an editor would send back: the view with changes. */
export function edited(
  view: MappingView,
  changes: Partial<z.input<typeof mappingUpdateSchema>> = {},
): z.output<typeof mappingUpdateSchema> {
  const { name, owner, description, match, legacy, new: target, split, segments, writes } = view
  const ownSplit = { kind: 'own', identity: split.identity, missing: split.missing } as const
  return mappingUpdateSchema.parse({
    name,
    owner,
    description,
    match,
    legacy,
    new: target,
    split: split.kind === 'group' ? { kind: 'group', groupId: split.groupId } : ownSplit,
    segments,
    writes,
    originalUriOnAnswers: view.originalUriOnAnswers,
    policy: view.policy,
    ...changes,
  })
}
