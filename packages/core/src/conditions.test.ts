import { describe, expect, it } from 'vitest'
import { compileCondition } from './conditions.ts'
import { factsOf, type FactsParts } from './facts.ts'
import type { Attribute, Condition } from './model.ts'

type Operator = Condition['operator']
const header: Attribute = { kind: 'header', name: 'x' }

function holds(
  attribute: Attribute,
  operator: Operator,
  values: string[],
  parts: Partial<FactsParts>,
): boolean {
  const facts = factsOf({ method: 'GET', host: 'api.example.com', target: '/a', ...parts })
  return compileCondition({ attribute, operator, values })(facts)
}

describe('a condition', () => {
  it.each<[operator: Operator, values: string[], value: string, expected: boolean]>([
    ['in', ['a', 'b'], 'b', true],
    ['in', ['a', 'b'], 'B', false],
    ['in', ['caf\u00e9'], 'caf\u00c3\u00a9', true],
    ['not-in', ['a', 'b'], 'c', true],
    ['not-in', ['a', 'b'], 'a', false],
    ['prefix', ['x', 'ab'], 'abc', true],
    ['prefix', ['bc'], 'abc', false],
    ['suffix', ['@example.com'], 'ann@example.com', true],
    ['contains', ['iPhone'], 'Mozilla (iPhone; CPU)', true],
    ['contains', ['iPad'], 'Mozilla (iPhone; CPU)', false],
    ['number-at-least', ['10'], '10', true],
    ['number-at-least', ['10'], '9.99', false],
    ['number-at-least', ['10'], 'ten', false],
    ['number-at-least', ['10'], '0x10', false],
    ['number-below', ['10'], '-3', true],
    ['number-below', ['10'], '10', false],
    ['date-from', ['2026-01-01'], '2026-01-01T00:00:00Z', true],
    ['date-from', ['2026-01-01'], '2025-12-31T23:59:59-00:30', true],
    ['date-from', ['2026-01-01'], '2025-12-31', false],
    ['date-from', ['2026-01-01'], '1767225600', true],
    ['date-from', ['2026-01-01'], '2026-01-01T00:00:00', false],
    ['date-before', ['2026-01-01'], '2025-12-31', true],
    ['date-before', ['2026-01-01'], 'yesterday', false],
    ['date-from', ['2026-01-01'], '2026-02-30', false],
    ['date-from', ['2026-01-01'], '2026-04-31T00:00:00Z', false],
    ['date-from', ['2024-01-01'], '2024-02-29', true],
    ['date-from', ['2024-01-01'], '2025-02-29', false],
    ['semver-at-least', ['2.10.0'], '2.10.0', true],
    ['semver-at-least', ['2.10.0'], '2.9.9', false],
    ['semver-at-least', ['2.10.0'], '2.10.0-rc.1', false],
    ['semver-at-least', ['2.10.0-rc.2'], '2.10.0-rc.10', true],
    ['semver-at-least', ['1.0.0-alpha'], '1.0.0-alpha.1', true],
    ['semver-at-least', ['1.0.0-1'], '1.0.0-a', true],
    ['semver-at-least', ['2'], 'v2.0', true],
    ['semver-below', ['2.0.0'], '2.0.0-beta', true],
    ['semver-below', ['2.0.0'], '2.0.0+build', false],
    ['semver-below', ['2.0.0'], 'newest', false],
    ['network', ['10.0.0.0/8', '::1'], '10.1.1.1', true],
    ['network', ['10.0.0.0/8'], 'not an address', false],
  ])('%s %j of %s: %s', (operator, values, value, expected) => {
    expect(holds(header, operator, values, { headers: [['X', value]] })).toBe(expected)
  })

  it.each<Operator>(['in', 'not-in', 'prefix', 'number-below', 'semver-below', 'date-before', 'network'])(
    '%s never holds for an attribute that is missing or empty',
    (operator) => {
      expect(holds(header, operator, ['', '5'], {})).toBe(false)
      expect(holds(header, operator, ['', '5'], { headers: [['x', '']] })).toBe(false)
    },
  )

  it.each<[attribute: Attribute, value: string, parts: Partial<FactsParts>]>([
    [{ kind: 'cookie', name: 'plan' }, 'gold', { headers: [['cookie', 'a=b; plan=gold']] }],
    [{ kind: 'query', name: 'country' }, '\u00d6sterreich', { target: '/a?country=%C3%96sterreich' }],
    [{ kind: 'query', name: 'q' }, 'a b', { target: '/a?q=a+b' }],
    [{ kind: 'claim', name: 'org' }, '42', { claims: { org: 42 } }],
    [{ kind: 'client-ip' }, '2001:db8::1', { clientIp: '2001:DB8::1' }],
    [{ kind: 'method' }, 'get', {}],
    [{ kind: 'path' }, '/caf%C3%A9', { target: '//caf%c3%a9' }],
    [{ kind: 'host' }, 'API.example.com', { host: 'api.example.com:443' }],
  ])('looks at %o', (attribute, value, parts) => {
    expect(holds(attribute, 'in', [value], parts)).toBe(true)
    expect(holds(attribute, 'in', ['else'], parts)).toBe(false)
  })
})
