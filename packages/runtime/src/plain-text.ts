/**
 * What a terminal or a viewer of logs may obey instead of showing: C1 controls and DEL, line and paragraph
 * separators, and marks that reorder text (Unicode TR 9).
 */
const obeyed = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g

/** JSON text that stays the same JSON, with the above written as escapes. Control characters are escaped already. */
export function plainJson(json: string): string {
  return json.replaceAll(obeyed, escaped)
}

/** For a terminal: shown, never obeyed. Line breaks and tabs stay. */
export function plainText(text: string): string {
  return plainJson(text.replaceAll(/[\u0000-\u0008\u000b-\u001f]/g, escaped))
}

/** The same for one cell or field, which also cannot end its line. */
export function plainLine(text: string): string {
  return plainText(text).replaceAll(/[\t\n]/g, escaped)
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}
