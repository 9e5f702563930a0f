import { claimBytes, claimTexts } from './auth/claims.ts'
import { bytesOfText } from './bytes.ts'
import { cookieValue, queryText, queryValue } from './facts.ts'
import type { Attribute, ByteString, Condition, RequestFacts, Segment } from './model.ts'
import { inNetwork, parseAddress, parseNetwork } from './network.ts'
import { compareSemver, parseSemver } from './semver.ts'

/** A test on one request, prepared once per snapshot. */
export type Test = (facts: RequestFacts) => boolean

/** True when all conditions of the segment hold. */
export function compileSegment(segment: Segment): Test {
  const tests = segment.conditions.map(compileCondition)
  return (facts) => tests.every((test) => test(facts))
}

/** A missing attribute never matches, whatever the operator. Of a list in a claim one value is enough, all must be `not-in`. */
export function compileCondition(condition: Condition): Test {
  const accepts = acceptorOf(condition)
  const { attribute, operator } = condition
  if (attribute.kind === 'claim') {
    return ({ claims }) => {
      const values = claimTexts(claims, attribute.name).map(bytesOfText)
      if (values.length === 0) return false
      return operator === 'not-in' ? values.every(accepts) : values.some(accepts)
    }
  }
  return (facts) => {
    const value = attributeOf(condition.attribute, facts)
    return value !== undefined && value !== '' && accepts(value)
  }
}

/** The bytes of an attribute; query values are decoded, for people write conditions in plain text. */
export function attributeOf(attribute: Attribute, facts: RequestFacts): ByteString | undefined {
  switch (attribute.kind) {
    case 'header':
      return facts.header(attribute.name)
    case 'cookie':
      return cookieValue(facts.header('cookie'), attribute.name)
    case 'query': {
      const raw = queryValue(facts.query, attribute.name)
      return raw === undefined ? undefined : queryText(raw)
    }
    case 'claim':
      return claimBytes(facts.claims, attribute.name)
    case 'client-ip':
      return facts.clientIp
    case 'method':
      return facts.method
    case 'path':
      return facts.path
    case 'host':
      return facts.host
  }
}

/** A decimal number, with sign and fraction if need be. */
export function parseNumber(text: string): number | null {
  return /^[+-]?\d+(\.\d+)?$/.test(text) ? Number(text) : null
}

/** Ms since the epoch of a date, a date-time with offset (RFC 3339), or seconds since the epoch as in JWT claims. */
export function parseDate(text: string): number | null {
  if (/^\d{1,11}$/.test(text)) return Number(text) * 1000
  if (!/^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/i.test(text)) return null
  // `Date.parse` takes the 30th of February for the 2nd of March.
  if (Number(text.slice(8, 10)) > daysIn(Number(text.slice(0, 4)), Number(text.slice(5, 7)))) return null
  const ms = Date.parse(text.toUpperCase())
  return Number.isNaN(ms) ? null : ms
}

function daysIn(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate()
}

function acceptorOf({ attribute, operator, values }: Condition): (value: ByteString) => boolean {
  const expected = values.map((value) => bytesOfText(inAttributesCase(attribute, value)))
  switch (operator) {
    case 'in': {
      const set = new Set(expected)
      return (value) => set.has(value)
    }
    case 'not-in': {
      const set = new Set(expected)
      return (value) => !set.has(value)
    }
    case 'prefix':
      return (value) => expected.some((part) => value.startsWith(part))
    case 'suffix':
      return (value) => expected.some((part) => value.endsWith(part))
    case 'contains':
      return (value) => expected.some((part) => value.includes(part))
    case 'number-at-least':
      return comparing(values, parseNumber, (a, b) => a >= b)
    case 'number-below':
      return comparing(values, parseNumber, (a, b) => a < b)
    case 'date-from':
      return comparing(values, parseDate, (a, b) => a >= b)
    case 'date-before':
      return comparing(values, parseDate, (a, b) => a < b)
    case 'semver-at-least':
      return comparing(values, parseSemver, (a, b) => compareSemver(a, b) >= 0)
    case 'semver-below':
      return comparing(values, parseSemver, (a, b) => compareSemver(a, b) < 0)
    case 'network':
      return anyNetwork(values)
  }
}

/** What cannot be read as the kind asked for does not match. */
function comparing<T>(
  values: readonly string[],
  parse: (text: string) => T | null,
  holds: (actual: T, limit: T) => boolean,
): (value: string) => boolean {
  const limits = values.map(parse).filter((limit) => limit !== null)
  return (value) => {
    const actual = parse(value)
    return actual !== null && limits.some((limit) => holds(actual, limit))
  }
}

function anyNetwork(values: readonly string[]): (value: string) => boolean {
  const networks = values.map(parseNetwork).filter((network) => network !== null)
  return (value) => {
    const address = parseAddress(value)
    return address !== null && networks.some((network) => inNetwork(address, network))
  }
}

function inAttributesCase(attribute: Attribute, value: string): string {
  if (attribute.kind === 'method') return value.toUpperCase()
  return attribute.kind === 'host' ? value.toLowerCase() : value
}
