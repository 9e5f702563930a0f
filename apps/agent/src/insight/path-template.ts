const mostSegments = 8
const mostCharacters = 160
const uuid = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i
/** Eight and more hex digits. */
const hex = /^(0x)?[0-9a-f]{8,}$/i
/** A prefix and a number, as in `order-1234` or `SKU_99812`. */
const numbered = /^[A-Za-z]{1,12}[-_.]?\d{3,}$/
/** What base64, slugs with numbers and signed tokens look like. */
const token = /^[A-Za-z0-9_~.+=-]{16,}$/
const longest = 40
const slash = 47

/**
 * A path as people would write it in a mapping: what looks like the id of something becomes `:id`, so that a
 * million books are one line, and nobody's id or address stands in a report. `path` is canonical (rule 4).
 */
export function pathTemplate(path: string): string {
  let template = ''
  /** From here on the path is not in the template yet. */
  let copied = 0
  let start = 1
  for (let segments = 1; start <= path.length; segments++) {
    if (segments > mostSegments) return shortened(`${template}${path.slice(copied, start)}*rest`)
    const end = endOfSegment(path, start)
    if (end.isId) {
      template += `${path.slice(copied, start)}:id`
      copied = end.at
    }
    start = end.at + 1
  }
  return shortened(copied === 0 ? path : template + path.slice(copied))
}

/** Where the segment ends. One walk over its characters settles most of them. */
function endOfSegment(path: string, start: number): { readonly at: number; readonly isId: boolean } {
  let digits = 0
  let others = 0
  let isEscaped = false
  let at = start
  for (; at < path.length; at++) {
    const code = path.charCodeAt(at)
    if (code === slash) break
    if (code >= 48 && code <= 57) digits++
    // Addresses, escaped text, and whatever else is no plain word: @ % : ; , =
    else if (code === 64 || code === 37 || code === 58 || code === 59 || code === 44 || code === 61)
      isEscaped = true
    else others++
  }
  if (isEscaped || at - start > longest) return { at, isId: true }
  if (digits === 0) return { at, isId: false }
  return { at, isId: others === 0 || looksLikeId(path.slice(start, at)) }
}

/** Of a segment with a digit and something else. */
function looksLikeId(segment: string): boolean {
  if (segment.length < 4) return false
  return numbered.test(segment) || hex.test(segment) || token.test(segment) || uuid.test(segment)
}

function shortened(template: string): string {
  if (template.length <= mostCharacters) return template
  return `${template.slice(0, template.lastIndexOf('/', mostCharacters))}/*rest`
}
