/** Pieces of a path rewrite: literal text, or the value of a parameter. */
export type RewritePiece = { readonly literal: string } | { readonly param: string }

/**
 * Reads `/v3/authors/:author/*rest`. Parameters may stand anywhere (`:name`, `*name`, `:1` for a regex group);
 * `::` is a colon. Nothing else is special.
 */
export function parseRewrite(template: string): RewritePiece[] {
  const pieces: RewritePiece[] = []
  let at = 0
  for (const found of template.matchAll(/::|[:*]([A-Za-z_][A-Za-z0-9_]*|\d+)/g)) {
    if (found.index > at) pieces.push({ literal: escapedText(template.slice(at, found.index)) })
    const [text, name] = found
    pieces.push(name === undefined ? { literal: ':' } : { param: name })
    at = found.index + text.length
  }
  if (at < template.length) pieces.push({ literal: escapedText(template.slice(at)) })
  return pieces
}

/** Text that a person typed as it may stand in a path: what is not ASCII as its escaped UTF-8 bytes. */
export function escapedText(text: string): string {
  return text.toWellFormed().replace(/[^\u0000-\u007f]+/g, encodeURIComponent)
}

export function rewriteParams(template: string): string[] {
  return parseRewrite(template).flatMap((piece) => ('param' in piece ? [piece.param] : []))
}
