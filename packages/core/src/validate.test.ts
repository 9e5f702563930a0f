import {
  aGroup,
  aMapping,
  aPolicy,
  aMatch,
  anEnvironment,
  aRewrite,
  aSegment,
  aService,
  aSnapshot,
  aTarget,
} from '@crossfade/testkit/builders'
import { describe, expect, it } from 'vitest'
import type { Condition, PathPattern, Rewrite, Snapshot } from './model.ts'
import { compileSnapshot } from './routing-table.ts'
import { SnapshotError } from './snapshot-error.ts'
import {
  problemsOfMatch,
  problemsOfPolicy,
  problemsOfRewrite,
  problemsOfSegment,
  problemsOfSnapshot,
} from './validate.ts'

const template = (text: string): PathPattern => ({ kind: 'template', template: text })
const regex = (pattern: string): PathPattern => ({ kind: 'regex', pattern, position: 0 })
const exact = (path: string): PathPattern => ({ kind: 'exact', path })

describe('a match', () => {
  it.each([
    exact('/'),
    exact('/caf\u00e9/100%25'),
    exact('/a%2Fb'),
    exact('/a:b*c'),
    { kind: 'prefix', path: '/cart/' } as const,
    template('/v2/books/:id'),
    template('/:a/:b_2/*rest'),
    regex('^/v2/author/(?<author>\\d+)$'),
    regex('^/v2/author/(?P<author>\\d+)$'),
    regex('^/[(?=]$'),
  ])('%o is fine', (path) => {
    expect(problemsOfMatch(aMatch(path))).toEqual([])
  })

  it.each<[path: PathPattern, field: string, message: RegExp]>([
    [exact('cart'), 'match.path.path', /Start with \//],
    [exact('/cart?x'), 'match.path.path', /query/],
    [exact('/a/../b'), 'match.path.path', /segments \. and \.\./],
    [exact('/a b'), 'match.path.path', /blanks/],
    [exact('/a\\b'), 'match.path.path', /backslashes/],
    [exact('/100%'), 'match.path.path', /two hexadecimal digits/],
    [exact('/a#b'), 'match.path.path', /#/],
    [{ kind: 'prefix', path: '/%2e%2e' }, 'match.path.path', /segments/],
    [template('/a/*x/*y'), 'match.path.template', /Only one wildcard/],
    [template('/a/*x/b'), 'match.path.template', /only stand last/],
    [template('/:id/:id'), 'match.path.template', /id stands twice/],
    [template('/:id/*id'), 'match.path.template', /id stands twice/],
    [template('/:'), 'match.path.template', /not a parameter name/],
    [template('/:id.json'), 'match.path.template', /not a parameter name/],
    [template('/a/*'), 'match.path.template', /not a parameter name/],
    [template('/:__proto__'), 'match.path.template', /not a parameter name/],
    [regex('^/(?<__proto__>a)$'), 'match.path.pattern', /__proto__/],
    [template('/a/:x/..'), 'match.path.template', /segments/],
    [regex('^/a(?=b)'), 'match.path.pattern', /Look-around .* linear time/],
    [regex('^/a(?!b)'), 'match.path.pattern', /Look-around/],
    [regex('(?<=a)b'), 'match.path.pattern', /Look-around/],
    [regex('(?<!a)b'), 'match.path.pattern', /Look-around/],
    [regex('(a)\\1'), 'match.path.pattern', /back-reference/],
    [regex('(?<x>a)\\k<x>'), 'match.path.pattern', /back-reference/],
    [regex('(?>a)'), 'match.path.pattern', /atomic/],
    [regex('[a'), 'match.path.pattern', /missing closing \]/],
    [regex('(a'), 'match.path.pattern', /missing closing \)/],
    [regex('(\\d{100}){10}'), 'match.path.pattern', /too large|repeat/],
    [regex('a'.repeat(513)), 'match.path.pattern', /512 characters/],
  ])('%o is refused', (path, field, message) => {
    const errors = problemsOfMatch(aMatch(path))
    expect(errors.map((error) => error.path)).toContain(field)
    expect(errors.map((error) => error.message).join('\n')).toMatch(message)
  })

  it('names each method once', () => {
    expect(problemsOfMatch(aMatch('/a', { methods: ['GET', 'GET'] }))).toMatchObject([
      { path: 'match.methods' },
    ])
  })

  it('in a regex takes time in proportion to the path, however evil', () => {
    const evil = aMapping({ match: aMatch(regex('^(a+)+$')) })
    const table = compileSnapshot(aSnapshot({ mappings: [evil] }))
    // A back-tracking engine would need some 2^20000 steps.
    expect(table.router.find('h', `${'a'.repeat(20_000)}!`, 'GET')).toBeNull()
  })
})

describe('a rewrite', () => {
  const problems = (path: PathPattern, rewrite: Partial<Rewrite>) =>
    problemsOfRewrite(aMatch(path), aRewrite(rewrite))
  const to = (text: string) => ({ path: { kind: 'template', template: text } as const })

  it('may use what the match captures', () => {
    expect(problems(template('/a/:id/*rest'), to('/b/:rest/:id'))).toEqual([])
    expect(problems(regex('^/(?<x>a)(b)$'), to('/:x/:2/::'))).toEqual([])
    expect(problems({ kind: 'prefix', path: '/a' }, { path: { kind: 'prefix', to: '/b' } })).toEqual([])
  })

  it.each<[string, PathPattern, Partial<Rewrite>, string, RegExp]>([
    [
      'a missing parameter',
      template('/a/:id'),
      to('/b/:author'),
      'rewrite.path.template',
      /lacks the parameter author \(it has id\)/,
    ],
    ['a parameter of an exact path', exact('/a'), to('/b/:id'), 'rewrite.path.template', /no parameters/],
    ['a missing group', regex('^/(a)$'), to('/:2'), 'rewrite.path.template', /parameter 2/],
    ['dot segments', exact('/a'), to('/b/../c'), 'rewrite.path.template', /segments/],
    ['a query in the path', exact('/a'), to('/b?x=1'), 'rewrite.path.template', /query/],
    [
      'a prefix swap without a prefix',
      exact('/a'),
      { path: { kind: 'prefix', to: '/b' } },
      'rewrite.path.to',
      /prefix/,
    ],
    [
      'setting Host',
      exact('/a'),
      { headers: { set: { host: 'x' }, drop: [] } },
      'rewrite.headers.set',
      /host setting/,
    ],
    [
      'dropping framing',
      exact('/a'),
      { headers: { set: {}, drop: ['content-length'] } },
      'rewrite.headers.drop',
      /connection/,
    ],
  ])('is refused for %s', (_, path, rewrite, field, message) => {
    const [error] = problems(path, rewrite)
    expect(error?.path).toBe(field)
    expect(error?.message).toMatch(message)
  })
})

describe('a policy', () => {
  it('names each limit once', () => {
    const limit = { name: 'all', key: null, side: null, perSecond: 1, burst: 1 }
    expect(problemsOfPolicy(aPolicy({ limits: [limit] }))).toEqual([])
    const [error] = problemsOfPolicy(aPolicy({ limits: [limit, { ...limit, burst: 2 }] }))
    expect(error?.path).toBe('policy.limits.1.name')
  })
})

describe('a segment', () => {
  const condition = (operator: Condition['operator'], value: string): Condition => ({
    attribute: { kind: 'header', name: 'x' },
    operator,
    values: ['1', value],
  })

  it.each([
    condition('number-below', 'ten'),
    condition('date-from', '2026-02-30T10:00'),
    condition('semver-at-least', 'latest'),
    condition('network', '10.0.0.0/33'),
  ])('with a value its operator cannot read is refused: %o', (broken) => {
    const fine = { ...broken, values: broken.operator === 'network' ? ['10.0.0.1'] : ['1'] }
    expect(problemsOfSegment({ conditions: [fine, broken] }).at(-1)?.path).toBe('conditions.1.values.1')
  })
})

describe('a snapshot', () => {
  const pathsOf = (snapshot: Snapshot) => problemsOfSnapshot(snapshot).map((error) => error.path)

  it('that holds together has no problems', () => {
    expect(problemsOfSnapshot(aSnapshot())).toEqual([])
  })

  it.each<[string, Partial<Snapshot>, string]>([
    [
      'a service that is not there',
      { mappings: [aMapping({ new: aTarget({ serviceId: 'gone' }) })] },
      'mappings.books.new.serviceId',
    ],
    [
      'a group that is not there',
      { mappings: [aMapping({ split: { groupId: 'gone' } })] },
      'mappings.books.split.groupId',
    ],
    [
      'a segment that is not there',
      { mappings: [aMapping({ segments: ['gone'] })] },
      'mappings.books.segments',
    ],
    [
      'a default service that is not there',
      { environment: anEnvironment({ defaults: [{ host: null, serviceId: 'gone' }] }) },
      'environment.defaults.0.serviceId',
    ],
    [
      'a callers segment that is not there',
      { environment: anEnvironment({ callers: { keyDigests: [], segmentId: 'gone' } }) },
      'environment.callers.segmentId',
    ],
    [
      'a trusted hop that is no network',
      { environment: anEnvironment({ trustedHops: ['::1', 'lan'] }) },
      'environment.trustedHops.1',
    ],
    [
      'two defaults for a host',
      {
        environment: anEnvironment({
          defaults: [1, 2].map(() => ({ host: null, serviceId: 'legacy-books' })),
        }),
      },
      'environment.defaults.1.host',
    ],
    ['an id twice', { groups: [aGroup(), aGroup()] }, 'groups.quarter.id'],
    [
      'a broken match',
      { mappings: [aMapping({ match: aMatch(regex('(')) })] },
      'mappings.books.match.path.pattern',
    ],
    [
      'a broken rewrite',
      {
        mappings: [
          aMapping({
            legacy: aTarget({ rewrite: aRewrite({ path: { kind: 'template', template: '/:x' } }) }),
          }),
        ],
      },
      'mappings.books.legacy.rewrite.path.template',
    ],
    [
      'a broken address',
      { services: [...aSnapshot().services, aService({ id: 'third', instances: ['file:///etc'] })] },
      'services.third.instances.0',
    ],
    [
      'a broken segment',
      {
        segments: [
          aSegment({
            conditions: [{ attribute: { kind: 'path' }, operator: 'number-below', values: ['x'] }],
          }),
        ],
      },
      'segments.staff.conditions.0.values.0',
    ],
    [
      'completed writes before the point of no return',
      { mappings: [aMapping({ writes: { kind: 'phased', phase: 'complete' } })] },
      'mappings.books.writes.phase',
    ],
  ])('is refused for %s', (_, overrides, path) => {
    const snapshot = aSnapshot(overrides)
    expect(pathsOf(snapshot)).toEqual([path])
    expect(() => compileSnapshot(snapshot)).toThrow(SnapshotError)
  })

  it('is refused for two mappings with the same match, however it is spelled', () => {
    const pair = (a: PathPattern, b: PathPattern, methods: readonly [string[], string[]] = [[], []]) =>
      pathsOf(
        aSnapshot({
          mappings: [
            aMapping({ id: 'a', match: aMatch(a, { methods: methods[0] }) }),
            aMapping({ id: 'b', match: aMatch(b, { methods: methods[1] }) }),
          ],
        }),
      )
    const same = ['mappings.b.match']
    expect(pair(exact('/a'), exact('//%61'))).toEqual(same)
    expect(pair(template('/a/:x'), template('/a/:y'))).toEqual(same)
    expect(pair({ kind: 'prefix', path: '/a' }, { kind: 'prefix', path: '/a/' })).toEqual(same)
    expect(pair(regex('^/a'), { ...regex('^/a'), position: 9 } as PathPattern)).toEqual(same)
    expect(pair(exact('/a'), exact('/a'), [['GET', 'PUT'], ['PUT']])).toEqual(same)
    expect(pair(exact('/a'), exact('/a'), [['GET'], []])).toEqual(same)
    expect(pair(exact('/a'), exact('/a'), [['GET'], ['PUT']])).toEqual([])
    expect(pair(exact('/a'), exact('/a/'))).toEqual([])
    expect(pair(exact('/a'), { kind: 'prefix', path: '/a' })).toEqual([])
    expect(pair(template('/a/:x'), template('/a/*x'))).toEqual([])
  })

  it('says everything at once', () => {
    const mappings = [aMapping({ match: aMatch(exact('x')), segments: ['gone'], split: { groupId: 'gone' } })]
    expect(pathsOf(aSnapshot({ mappings }))).toHaveLength(3)
  })
})
