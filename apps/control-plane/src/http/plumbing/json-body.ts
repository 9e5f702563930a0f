import { Problem } from '@crossfade/contracts/problems'
import { parseJson, RefusedJson } from '@crossfade/runtime/safe-json'
import type { App } from './app.ts'

/** 1 MiB: the largest mapping is a few kilobytes. */
export const bodyLimit = 1024 * 1024

/** JSON is the only body the API reads, so no form of another site can be a request to it. */
export function readJsonBodies(app: App): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'string', bodyLimit }, (_request, text, done) => {
    try {
      done(null, text === '' ? undefined : parseJson(String(text)))
    } catch (cause) {
      done(new Problem('invalid_json', { detail: whyNotJson(cause), cause }))
    }
  })
}

/** The parser's words without the text it read, which may be a secret. */
function whyNotJson(cause: unknown): string {
  if (cause instanceof RefusedJson) return cause.message
  const position =
    cause instanceof Error ? /position \d+( \(line \d+ column \d+\))?/.exec(cause.message) : null
  return position ? `The body is not valid JSON at ${position[0]}` : 'The body is not valid JSON'
}
