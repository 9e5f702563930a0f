const mostSegments = 8
const mostCharacters = 160
const number = /^\d+([.,]\d+)?$/
const uuid = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i
/** Eight and more hex digits of which one is a digit: `deadbeef` may be a word, `7f3a9c02` is not. */
const hex = /^(?=.*\d)(0x)?[0-9a-f]{8,}$/i
/** A prefix and a number, as in `order-1234` or `SKU_99812`. */
const numbered = /^[A-Za-z]{1,12}[-_.]?\d{3,}$/
/** What base64, slugs with numbers and signed tokens look like. */
const token = /^(?=.*\d)[A-Za-z0-9_~.+=-]{16,}$/
const longest = 40

/**
 * A path as people would write it in a mapping: what looks like the id of something becomes `:id`, so that a
 * million books are one line, and nobody's id or address stands in a report. `path` is canonical (rule 4).
 */
export function pathTemplate(path: string): string {
  if (path === '/' || path === '*') return path
  const segments = path.slice(1).split('/')
  const shown = segments.slice(0, mostSegments).map((segment) => (isId(segment) ? ':id' : segment))
  if (segments.length > mostSegments) shown.push('*rest')
  const template = `/${shown.join('/')}`
  if (template.length <= mostCharacters) return template
  const cut = template.lastIndexOf('/', mostCharacters)
  return `${template.slice(0, Math.max(cut, 0))}/*rest`
}

function isId(segment: string): boolean {
  if (segment.length === 0 || (segment.length < 3 && !number.test(segment))) return false
  // Addresses, escaped text, and whatever else is no plain word.
  if (segment.length > longest || /[@%:;,=]/.test(segment)) return true
  if (!/\d/.test(segment)) return false
  return (
    number.test(segment) ||
    uuid.test(segment) ||
    hex.test(segment) ||
    numbered.test(segment) ||
    token.test(segment)
  )
}
