import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mappingInputSchema, mappingViewSchema, type MappingView } from '@crossfade/contracts/api/mappings'
import { policySchema } from '@crossfade/contracts/entities'
import { defaultPolicy } from '@crossfade/core/policy/defaults'
import { checkDraft } from './check-draft.ts'
import { inputOfDraft } from './draft-to-input.ts'
import { fieldOfPath } from './field-of-path.ts'
import { emptyDraft, type MappingDraft } from './mapping-draft.ts'
import { draftOfView } from './view-to-draft.ts'

describe('draft and API', () => {
  it('sends what a stored mapping says when nothing is edited', () => {
    const sent = mappingInputSchema.parse(inputOfDraft(draftOfView(stored)))
    const { name, owner, description, match, legacy, new: next, segments, writes } = stored
    expect(sent).toMatchObject({
      name,
      owner,
      description,
      match,
      legacy,
      new: next,
      split: {
        kind: 'own',
        cohortId: 'c1',
        identity: { kind: 'cookie', name: 'reader' },
        missing: 'client-ip',
      },
      segments,
      writes,
      originalUriOnAnswers: true,
    })
  })

  it('keeps the group of a member and sends no split of its own', () => {
    const member = {
      ...stored,
      split: { ...stored.split, kind: 'group', groupId: 'g1', groupName: 'Cart' } as const,
    }
    expect(inputOfDraft(draftOfView(member)).split).toEqual({ kind: 'group', groupId: 'g1' })
  })

  it('keeps a policy as it is stored, and refuses an emptied number where it stands', () => {
    const policy = policySchema.parse({
      ...defaultPolicy,
      breaker: null,
      safeFallback: true,
      readThrough: [404, 501],
      bodyLimitBytes: 1_000_000,
      limits: [
        { name: 'per key', key: { kind: 'header', name: 'x-key' }, side: 'new', perSecond: 0.5, burst: 3 },
        { name: 'all', key: null, side: null, perSecond: 100, burst: 200 },
      ],
      concurrency: { legacy: null, new: 40 },
    })
    const draft = draftOfView({ ...stored, policy })
    expect(mappingInputSchema.parse(inputOfDraft(draft)).policy).toEqual(policy)
    const [limit] = draft.policy.limits
    const emptied = {
      ...draft.policy,
      hasBreaker: true,
      openMs: '',
      limits: limit ? [{ ...limit, burst: '' }] : [],
    }
    const checked = checkDraft({ ...draft, policy: emptied })
    const fields = checked.ok ? [] : checked.errors.map(({ path }) => fieldOfPath(path))
    expect(fields).toEqual(['policy.openMs', 'policy.limits.0.burst'])
  })

  it('turns any path pattern into a draft and back into itself', () => {
    const path = fc.oneof(
      fc.record({
        kind: fc.constantFrom('exact' as const, 'prefix' as const),
        path: fc.constantFrom('/', '/a', '/a/b%2F'),
      }),
      fc.record({ kind: fc.constant('template' as const), template: fc.constantFrom('/a/:id', '/a/*rest') }),
      fc.record({
        kind: fc.constant('regex' as const),
        pattern: fc.constantFrom('^/a ', '/(x|y)'),
        position: fc.nat(99),
      }),
    )
    fc.assert(
      fc.property(path, (pattern) => {
        const view = { ...stored, match: { ...stored.match, path: pattern } }
        expect(inputOfDraft(draftOfView(view)).match.path).toEqual(pattern)
      }),
    )
  })

  it('tidies what people type: case, spaces, empty lines', () => {
    const draft: MappingDraft = {
      ...filled(),
      methods: ['post', 'GET', 'get '],
      host: ' API.Example.com ',
      identityKind: 'header',
      identityName: ' X-User ',
      new: {
        ...filled().new,
        headerSet: [
          { name: ' X-Tenant ', value: 'a' },
          { name: '', value: '' },
        ],
        headerDrop: ['X-Old', 'x-old'],
      },
    }
    const input = mappingInputSchema.parse(inputOfDraft(draft))
    expect(input.match).toMatchObject({ methods: ['GET', 'POST'], host: 'api.example.com' })
    expect(input.new.rewrite.headers).toEqual({ set: { 'x-tenant': 'a' }, drop: ['x-old'] })
    expect(input.split).toMatchObject({ identity: { kind: 'header', name: 'x-user' } })
  })
})

describe('checking a draft before it is sent', () => {
  it('asks for everything an empty form lacks, in words', () => {
    const checked = checkDraft(emptyDraft())
    expect(checked.ok ? [] : checked.errors).toEqual([
      { path: 'name', message: 'Give the mapping a name' },
      { path: 'match.path.path', message: 'Give a path' },
      { path: 'legacy.serviceId', message: 'Choose the service that answers today' },
      { path: 'new.serviceId', message: 'Choose the service that takes over' },
    ])
  })

  it('passes a filled form', () => {
    expect(checkDraft(filled()).ok).toBe(true)
  })

  it('refuses a header that stands twice, as a record would keep only one', () => {
    const draft = filled()
    const pairs = [
      { name: 'X-A', value: '1' },
      { name: 'x-a', value: '2' },
    ]
    const checked = checkDraft({ ...draft, new: { ...draft.new, headerSet: pairs } })
    expect(checked.ok ? [] : checked.errors).toEqual([
      { path: 'new.rewrite.headers.set', message: '“x-a” stands here twice' },
    ])
  })

  it('says of a path without slash what the contract says', () => {
    const checked = checkDraft({ ...filled(), pathValue: 'cart' })
    expect(checked.ok ? [] : checked.errors).toEqual([{ path: 'match.path.path', message: 'Start with /' }])
  })
})

describe('where an error lands', () => {
  it.each([
    ['name', 'name'],
    ['match.path.template', 'pathValue'],
    ['match', 'pathValue'],
    ['match.methods.0', 'methods'],
    ['body.match.host', 'host'],
    ['new.rewrite.path.template', 'new.pathValue'],
    ['new.rewrite.headers.set.x-a', 'new.headerSet'],
    ['legacy.rewrite.query.drop.1', 'legacy.queryDrop'],
    ['legacy.serviceId', 'legacy.serviceId'],
    ['new.host.value', 'new.hostValue'],
    ['split.identity.name', 'identityName'],
    ['split.groupId', 'groupId'],
    ['segments.3', 'segments'],
  ])('%s lands on %s', (path, field) => {
    expect(fieldOfPath(path)).toBe(field)
  })

  it('puts what it does not know into the summary alone', () => {
    expect(fieldOfPath('nobody.knows')).toBeNull()
  })
})

function filled(): MappingDraft {
  const draft = emptyDraft()
  return {
    ...draft,
    name: 'Books',
    pathValue: '/books',
    legacy: { ...draft.legacy, serviceId: 's1' },
    new: { ...draft.new, serviceId: 's2' },
  }
}

const defaults = mappingInputSchema.parse({
  name: 'x',
  match: { path: { kind: 'exact', path: '/' } },
  legacy: { serviceId: 's1' },
  new: { serviceId: 's2' },
})
const stored: MappingView = mappingViewSchema.parse({
  ...defaults,
  id: 'm1',
  environmentId: 'default',
  version: 3,
  shareVersion: 4,
  createdAt: '2026-01-01T00:00:00Z',
  updatedAt: '2026-01-01T00:00:00Z',
  name: 'Books',
  owner: 'Shop',
  description: 'All books',
  match: {
    methods: ['GET', 'POST'],
    host: '*.example.com',
    path: { kind: 'template', template: '/v2/books/:id' },
  },
  legacy: {
    serviceId: 's1',
    rewrite: { path: null, query: { set: {}, drop: [] }, headers: { set: {}, drop: [] }, mapBack: false },
    host: { kind: 'client' },
  },
  new: {
    serviceId: 's2',
    rewrite: {
      path: { kind: 'template', template: '/v3/books/:id' },
      query: { set: { v: '3' }, drop: ['debug'] },
      headers: { set: { 'x-tenant': 'shop' }, drop: ['x-old'] },
      mapBack: true,
    },
    host: { kind: 'fixed', value: 'books.internal' },
  },
  split: {
    kind: 'own',
    percent: 25,
    cohort: { id: 'c1', name: 'books' },
    identity: { kind: 'cookie', name: 'reader' },
    missing: 'client-ip',
  },
  segments: ['beta', 'staff'],
  writes: { kind: 'phased', phase: 'off' },
  pointOfNoReturn: false,
  originalUriOnAnswers: true,
  lastChange: null,
})
