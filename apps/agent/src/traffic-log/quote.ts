import { plainJson } from '@crossfade/runtime/plain-text'

/** For a field of a text line, as nginx writes it: nothing in it can end the line, the field or a quotation. */
export function quotedBytes(text: string): string {
  return text.replaceAll(/["\\]|[^\x20-\x7e]/g, hex)
}

/** The same for our own words, whose letters beyond ASCII stay readable. */
export function quotedText(text: string): string {
  return plainJson(text.replaceAll(/["\\\u0000-\u001f\u007f-\u009f]/g, hex))
}

function hex(character: string): string {
  return `\\x${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`
}
