import type { ByteString } from './model.ts'

/** The UTF-8 bytes of a text, one character per byte, as they would stand on the wire. */
export function bytesOfText(text: string): ByteString {
  if (isAscii(text)) return text
  return encodeURIComponent(text.toWellFormed()).replace(/%([0-9A-F]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
}

export function bytesOfHex(hex: string): ByteString {
  let bytes = ''
  for (let i = 0; i < hex.length; i += 2)
    bytes += String.fromCharCode(Number.parseInt(hex.slice(i, i + 2), 16))
  return bytes
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return false
  return true
}
