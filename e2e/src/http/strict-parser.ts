/** What a strict reader of RFC 9112 made of one request. */
export interface StrictRequest {
  readonly method: string
  readonly target: string
  /** Flat list as on the wire. */
  readonly headers: readonly string[]
  /** Latin1; grows until `complete`. */
  body: string
  complete: boolean
}

type State = 'head' | 'length' | 'chunk-size' | 'chunk-data' | 'chunk-end' | 'trailers'

const TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+"
const REQUEST_LINE = new RegExp(`^(${TOKEN}) ([\\x21-\\x7e\\x80-\\xff]+) HTTP/1\\.[01]$`)
const FIELD_LINE = new RegExp(
  `^(${TOKEN}):[ \\t]*((?:[\\x21-\\x7e\\x80-\\xff](?:[\\t\\x20-\\x7e\\x80-\\xff]*[\\x21-\\x7e\\x80-\\xff])?)?)[ \\t]*$`,
)
const CHUNK_LINE = new RegExp(
  `^([0-9A-Fa-f]{1,8})((?:[ \\t]*;[ \\t]*${TOKEN}(?:[ \\t]*=[ \\t]*(?:${TOKEN}|"(?:[^"\\\\\\x00-\\x08\\x0a-\\x1f\\x7f]|\\\\[\\t\\x20-\\x7e\\x80-\\xff])*"))?)*)$`,
)

/**
 * Reads requests without any leniency: one space, token names, `HTTP/1.[01]`, one Host, no control characters,
 * never both framings, one decimal length, exactly `chunked`, exact chunk grammar. The first breach ends reading.
 */
export class StrictParser {
  readonly requests: StrictRequest[] = []
  /** The first rule broken, with the line that broke it. */
  violation: string | null = null
  readonly #onHead: (request: StrictRequest) => void
  readonly #onComplete: (request: StrictRequest) => void
  readonly #forgiving: boolean
  #text = ''
  #state: State = 'head'
  #left = 0

  /**
   * `forgiving`: as a server may be towards clients, empty lines ahead of a request (RFC 9112 section 2.2), HTTP/1.0
   * without Host and any chunk extension.
   */
  constructor(
    onHead: (request: StrictRequest) => void,
    onComplete: (request: StrictRequest) => void,
    options: { readonly forgiving: boolean } = { forgiving: false },
  ) {
    this.#onHead = onHead
    this.#onComplete = onComplete
    this.#forgiving = options.forgiving
  }

  push(latin1: string): void {
    this.#text += latin1
    while (this.violation === null && this.#step());
  }

  /** Lets go of requests that are over. */
  forget(): void {
    this.requests.splice(0, this.requests.length)
  }

  /** Whether bytes of an unfinished request are held. */
  get isBetweenRequests(): boolean {
    return this.#state === 'head' && this.#text === ''
  }

  #step(): boolean {
    switch (this.#state) {
      case 'head':
        return this.#head()
      case 'length':
        return this.#data(() => this.#complete())
      case 'chunk-size':
        return this.#line((line) => this.#chunkSize(line))
      case 'chunk-data':
        return this.#data(() => (this.#state = 'chunk-end'))
      case 'chunk-end':
        return this.#line((line) => {
          if (line !== '') return this.#refuse('a chunk longer than said', line)
          this.#state = 'chunk-size'
        })
      case 'trailers':
        return this.#line((line) => {
          if (line === '') return this.#complete()
          if (!FIELD_LINE.test(line)) this.#refuse('a trailer that is no field', line)
        })
    }
  }

  #head(): boolean {
    if (this.#forgiving) this.#text = this.#text.replace(/^[\r\n]+/, '')
    const end = this.#text.indexOf('\r\n\r\n')
    if (end < 0) {
      if (this.#text.length > 1_000_000) this.#refuse('a head without end', this.#text.slice(0, 100))
      return false
    }
    const lines = this.#text.slice(0, end).split('\r\n')
    this.#text = this.#text.slice(end + 4)
    const first = REQUEST_LINE.exec(lines[0] ?? '')
    if (!first) return this.#refuse('a request line', lines[0])
    const headers: string[] = []
    for (const line of lines.slice(1)) {
      const field = FIELD_LINE.exec(line)
      if (!field) return this.#refuse('a field line', line)
      headers.push(field[1] ?? '', field[2] ?? '')
    }
    const request = { method: first[1] ?? '', target: first[2] ?? '', headers, body: '', complete: false }
    return this.#frame(request, this.#forgiving && lines[0]?.endsWith('/1.0') === true)
  }

  #frame(request: StrictRequest, mayLackHost: boolean): boolean {
    const values = (name: string) => headerValues(request.headers, name)
    const [lengths, codings, hosts] = [values('content-length'), values('transfer-encoding'), values('host')]
    if (hosts.length !== 1 && !(mayLackHost && hosts.length === 0))
      return this.#refuse('exactly one Host', hosts.join())
    if (lengths.length + codings.length > 1)
      return this.#refuse('one framing', [...lengths, ...codings].join())
    if (lengths[0] !== undefined && !/^\d{1,15}$/.test(lengths[0]))
      return this.#refuse('a length', lengths[0])
    const coding = this.#forgiving ? codings[0]?.toLowerCase() : codings[0]
    if (coding !== undefined && coding !== 'chunked') return this.#refuse('chunked', coding)
    this.requests.push(request)
    this.#left = Number(lengths[0] ?? 0)
    this.#state = codings.length > 0 ? 'chunk-size' : 'length'
    this.#onHead(request)
    if (this.#state === 'length' && this.#left === 0) this.#complete()
    return true
  }

  #chunkSize(line: string): void {
    const size = (this.#forgiving ? /^([0-9A-Fa-f]+)(?:;.*)?$/s : CHUNK_LINE).exec(line)
    if (!size) return void this.#refuse('a chunk size', line)
    this.#left = Number.parseInt(size[1] ?? '', 16)
    this.#state = this.#left === 0 ? 'trailers' : 'chunk-data'
  }

  #data(whenDone: () => void): boolean {
    const taken = this.#text.slice(0, this.#left)
    if (taken === '') return false
    this.#text = this.#text.slice(taken.length)
    this.#left -= taken.length
    const request = this.requests.at(-1)
    // Enough to recognise; uploads of gigabytes pass through here too.
    if (request && request.body.length < 1_000_000) request.body += taken
    if (this.#left === 0) whenDone()
    return true
  }

  #line(then: (line: string) => void): boolean {
    const end = this.#text.indexOf('\r\n')
    if (end < 0) {
      if (this.#text.length > 100_000) this.#refuse('a line without end', this.#text.slice(0, 100))
      return false
    }
    const line = this.#text.slice(0, end)
    this.#text = this.#text.slice(end + 2)
    then(line)
    return true
  }

  #complete(): void {
    this.#state = 'head'
    const request = this.requests.at(-1)
    if (!request) return
    request.complete = true
    this.#onComplete(request)
  }

  #refuse(rule: string, text = ''): false {
    this.violation ??= `not ${rule}: ${JSON.stringify(text.slice(0, 200))}`
    return false
  }
}

/** All values of a header in a flat list, by lower-case name. */
export function headerValues(headers: readonly string[], name: string): string[] {
  return headers.filter((_, i) => i % 2 === 1 && headers[i - 1]?.toLowerCase() === name)
}
