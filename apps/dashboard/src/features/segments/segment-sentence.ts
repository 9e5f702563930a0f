import type { Attribute, Condition, Side } from '@crossfade/core/model'

/** "If header x-beta is one of 1, always new": how a segment reads, everywhere. */
export function segmentSentence(segment: { side: Side; conditions: readonly Condition[] }): string {
  return `If ${segment.conditions.map(conditionText).join(' and ')}, always ${segment.side}`
}

export function conditionText({ attribute, operator, values }: Condition): string {
  return `${attributeText(attribute)} ${operatorWords[operator]} ${valuesText(operator, values)}`
}

export function attributeText(attribute: Attribute): string {
  return 'name' in attribute
    ? `${attributeWords[attribute.kind]} ${attribute.name || '…'}`
    : attributeWords[attribute.kind]
}

export const attributeWords: Readonly<Record<Attribute['kind'], string>> = {
  header: 'header',
  cookie: 'cookie',
  query: 'query parameter',
  claim: 'token claim',
  'client-ip': 'the client address',
  method: 'the method',
  path: 'the path',
  host: 'the host',
}

export const operatorWords: Readonly<Record<Condition['operator'], string>> = {
  in: 'is one of',
  'not-in': 'is there and none of',
  prefix: 'begins with',
  suffix: 'ends with',
  contains: 'contains',
  'number-at-least': 'is a number of at least',
  'number-below': 'is a number below',
  'date-from': 'is a date from',
  'date-before': 'is a date before',
  'semver-at-least': 'is a version of at least',
  'semver-below': 'is a version below',
  network: 'is in the network',
}

/** What to type for an operator, as a hint under the field. */
export const operatorHints: Readonly<Record<Condition['operator'], string>> = {
  in: 'Any one of these, exactly as sent',
  'not-in': 'A missing attribute never matches',
  prefix: 'Any one of these beginnings',
  suffix: 'Any one of these endings',
  contains: 'Any one of these anywhere inside',
  'number-at-least': 'A number such as 10 or 2.5',
  'number-below': 'A number such as 10 or 2.5',
  'date-from': 'A date such as 2026-11-03 or 2026-11-03T14:00:00Z',
  'date-before': 'A date such as 2026-11-03 or 2026-11-03T14:00:00Z',
  'semver-at-least': 'A version such as 2.4.0',
  'semver-below': 'A version such as 2.4.0',
  network: 'Networks such as 10.0.0.0/8 or 2001:db8::/32',
}

/** Operators that make sense for an attribute; the others would never match. */
export function operatorsFor(kind: Attribute['kind']): readonly Condition['operator'][] {
  if (kind === 'client-ip') return ['in', 'not-in', 'network']
  if (kind === 'method' || kind === 'host') return ['in', 'not-in', 'prefix', 'suffix', 'contains']
  return Object.keys(operatorWords).filter(
    (operator) => operator !== 'network' || kind === 'header',
  ) as Condition['operator'][]
}

function valuesText(operator: Condition['operator'], values: readonly string[]): string {
  const shown = values.length > 4 ? [...values.slice(0, 3), `${values.length - 3} more`] : values
  if (shown.length === 0) return '…'
  const last = operator === 'not-in' ? 'or' : shown.length > 1 ? 'or' : ''
  return shown.length === 1 ? (shown[0] ?? '…') : `${shown.slice(0, -1).join(', ')} ${last} ${shown.at(-1)}`
}
