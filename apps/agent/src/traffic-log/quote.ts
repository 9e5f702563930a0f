/** For a field of a text line, as nginx writes it: nothing in it can end the line, the field or a quotation. */
export function quotedBytes(text: string): string {
  return text.replaceAll(/["\\]|[^\x20-\x7e]/g, hex)
}

/** The same for our own words, whose letters beyond ASCII stay readable. */
export function quotedText(text: string): string {
  return text.replaceAll(/["\\\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, hex)
}

function hex(character: string): string {
  const code = character.charCodeAt(0)
  return code > 0xff
    ? `\\u${code.toString(16).padStart(4, '0')}`
    : `\\x${code.toString(16).toUpperCase().padStart(2, '0')}`
}
