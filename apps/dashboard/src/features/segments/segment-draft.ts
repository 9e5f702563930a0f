import type { Attribute, Condition, Side } from '@crossfade/core/model'
import type { SegmentInput, SegmentView } from '@crossfade/contracts/api/segments'

/** One condition while it is typed: a name is kept when the kind has none, so that switching loses nothing. */
export interface ConditionDraft {
  /** Stable while lines are added and removed; never sent. */
  readonly key: string
  readonly kind: Attribute['kind']
  readonly name: string
  readonly operator: Condition['operator']
  readonly values: readonly string[]
}

export interface SegmentDraft {
  readonly name: string
  readonly side: Side
  readonly conditions: readonly ConditionDraft[]
}

export function emptyCondition(key: string): ConditionDraft {
  return { key, kind: 'header', name: '', operator: 'in', values: [] }
}

export function draftOfSegment(view: SegmentView | null): SegmentDraft {
  if (view === null) return { name: '', side: 'new', conditions: [emptyCondition('0')] }
  return {
    name: view.name,
    side: view.side,
    conditions: view.conditions.map(({ attribute, operator, values }, at) => ({
      key: String(at),
      kind: attribute.kind,
      name: 'name' in attribute ? attribute.name : '',
      operator,
      values,
    })),
  }
}

export function inputOfSegment({ name, side, conditions }: SegmentDraft): SegmentInput {
  return { name: name.trim(), side, conditions: conditions.map(conditionOf) }
}

export function conditionOf({
  kind,
  name,
  operator,
  values,
}: ConditionDraft): Condition & SegmentInput['conditions'][number] {
  return { attribute: attributeOf(kind, name), operator, values: [...values] }
}

function attributeOf(kind: Attribute['kind'], name: string): Attribute {
  switch (kind) {
    case 'header':
      return { kind, name: name.trim().toLowerCase() }
    case 'cookie':
    case 'query':
    case 'claim':
      return { kind, name: name.trim() }
    case 'client-ip':
    case 'method':
    case 'path':
    case 'host':
      return { kind }
  }
}

/** Where a field of the API stands in the editor: `conditions.2.values` → `conditions.2.values`. */
export function segmentFieldOf(path: string): string | null {
  if (path === 'name' || path === 'side' || path === 'conditions') return path
  const [, at, inner = ''] = /^conditions\.(\d+)(?:\.(.*))?$/.exec(path) ?? []
  if (at === undefined) return null
  if (inner.startsWith('attribute.name')) return `conditions.${at}.name`
  if (inner.startsWith('attribute')) return `conditions.${at}.kind`
  return inner.startsWith('operator') ? `conditions.${at}.operator` : `conditions.${at}.values`
}
