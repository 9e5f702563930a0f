const [LF, CR, SEMICOLON, UNDERSCORE] = [0x0a, 0x0d, 0x3b, 0x5f]

/** The bytes a field name may begin with (RFC 9110 section 5.6.2). */
const isTokenByte = Array.from({ length: 256 }, (_, byte) =>
  /[!#$%&'*+.^_`|~0-9A-Za-z-]/.test(String.fromCharCode(byte)),
)

/**
 * Finds the end of a chunked body (RFC 9112 section 7.1), trusting a stricter parser to refuse what is none. Strikes
 * out the first letter of each trailer's name on the way: whoever reads the bytes afterwards finds the same grammar,
 * and none that frames, routes or authenticates (RFC 9110 section 6.5.1).
 */
export class ChunkWalker {
  /** Of all chunks of the message together. */
  extensionBytes = 0
  #state: 'size' | 'extension' | 'data' | 'trailers' = 'size'
  #size = 0
  #lineLength = 0

  /** Where the body ends within `bytes`, read from `at`; -1 when it goes on. Writes into `bytes`. */
  walk(bytes: Buffer, at: number): number {
    let i = at
    while (i < bytes.length) {
      if (this.#state === 'data') {
        const taken = Math.min(this.#size, bytes.length - i)
        this.#size -= taken
        i += taken
        if (this.#size === 0) this.#state = 'size'
        continue
      }
      const byte = bytes[i++] as number
      if (this.#state === 'trailers') {
        if (byte !== LF) {
          if (this.#lineLength === 0 && isTokenByte[byte] === true) bytes[i - 1] = UNDERSCORE
          this.#lineLength += byte === CR ? 0 : 1
        } else if (this.#lineLength === 0) return i
        else this.#lineLength = 0
      } else if (byte === LF) this.#endLine()
      else if (byte === SEMICOLON) this.#state = 'extension'
      else if (byte !== CR) this.#inLine(byte)
    }
    return -1
  }

  #inLine(byte: number): void {
    if (this.#state === 'extension') this.extensionBytes += 1
    else this.#size = this.#size * 16 + Number.parseInt(String.fromCharCode(byte), 16)
  }

  #endLine(): void {
    this.#state = this.#size === 0 ? 'trailers' : 'data'
    // The line end after the data.
    if (this.#size > 0) this.#size += 2
  }
}
