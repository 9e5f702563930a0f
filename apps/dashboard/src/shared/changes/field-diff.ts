/** What differs between two stored objects, field by field: pure, for the audit trail and conflict dialogs. */
export interface FieldChange {
  /** `match.path.template`, `segments[2]`, `members[id 7]`; empty when the whole value differs. */
  readonly path: string
  readonly kind: 'added' | 'removed' | 'changed'
  readonly before: unknown
  readonly after: unknown
}

/** Bookkeeping every write touches; it says nothing about what a person did. */
const bookkeeping = new Set([
  'version',
  'shareVersion',
  'createdAt',
  'updatedAt',
  'lastChange',
  'revision',
  'epoch',
])

/** Only what changed, in the order of the fields. `null` and a missing object count as nothing at all. */
export function fieldDiff(before: unknown, after: unknown): readonly FieldChange[] {
  const changes: FieldChange[] = []
  compare('', before ?? undefined, after ?? undefined, changes)
  return changes
}

/** The top-level names of what changed, without repetition: `match`, `new`, `segments`. */
export function changedFields(before: unknown, after: unknown): readonly string[] {
  return [...new Set(fieldDiff(before, after).map(({ path }) => path.split(/[.[]/)[0] ?? ''))].filter(Boolean)
}

/** One value as people read it. Objects stay JSON, on one line. */
export function readable(value: unknown): string {
  if (value === null || value === undefined) return 'nothing'
  if (typeof value === 'string') return value === '' ? 'empty' : value
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (Array.isArray(value) && value.every((item) => !isObject(item) && !Array.isArray(item)))
    return value.length === 0 ? 'none' : value.map(readable).join(', ')
  return typeof value === 'number' ? String(value) : JSON.stringify(value)
}

function compare(path: string, before: unknown, after: unknown, into: FieldChange[]): void {
  if (same(before, after)) return
  if (isObject(before) && isObject(after)) return compareObjects(path, before, after, into)
  if (Array.isArray(before) && Array.isArray(after) && [...before, ...after].some(isObject))
    return compareObjects(path, keyed(before), keyed(after), into, true)
  // Whole objects that come or go are told field by field too: that is what a created mapping looks like.
  if (path === '' && before === undefined && isObject(after)) return compareObjects('', {}, after, into)
  if (path === '' && after === undefined && isObject(before)) return compareObjects('', before, {}, into)
  const kind = before === undefined ? 'added' : after === undefined ? 'removed' : 'changed'
  into.push({ path, kind, before, after })
}

function compareObjects(
  path: string,
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
  into: FieldChange[],
  bracketed = false,
): void {
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    if (path === '' && bookkeeping.has(key)) continue
    const inner = bracketed ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`
    compare(inner, before[key], after[key], into)
  }
}

/** Lists of objects are compared by id where they have one, else by position. */
function keyed(list: readonly unknown[]): Record<string, unknown> {
  return Object.fromEntries(
    list.map((item, at) => [
      isObject(item) && typeof item['id'] === 'string' ? item['id'] : String(at),
      item,
    ]),
  )
}

function same(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((item, at) => same(item, b[at]))
  if (!isObject(a) || !isObject(b)) return false
  const keys = Object.keys(a)
  return keys.length === Object.keys(b).length && keys.every((key) => key in b && same(a[key], b[key]))
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
