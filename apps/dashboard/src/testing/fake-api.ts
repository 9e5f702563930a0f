import { vi } from 'vitest'

export interface Call {
  readonly method: string
  readonly path: string
  readonly body: unknown
  readonly headers: Readonly<Record<string, string>>
}

type Answer = { readonly status?: number; readonly json: unknown }

/**
 * Stands in for `fetch`. `answers` maps `PUT /mappings/books/share` (without prefix and query) to an answer or a
 * list of answers used up in order; anything else is 404. Undone by `vi.unstubAllGlobals()`.
 */
export function fakeApi(answers: Readonly<Record<string, Answer | Answer[]>>): { readonly calls: Call[] } {
  const calls: Call[] = []
  vi.stubGlobal('fetch', (url: string, init: RequestInit) => {
    const path = url.replace(/^\/api\/v1/, '').replace(/\?.*$/s, '')
    const method = init.method ?? 'GET'
    calls.push({
      method,
      path,
      headers: init.headers as Record<string, string>,
      body: typeof init.body === 'string' ? JSON.parse(init.body) : undefined,
    })
    const known = answers[`${method} ${path}`]
    const answer = Array.isArray(known) ? known.shift() : known
    const { status = 200, json } = answer ?? {
      status: 404,
      json: { title: 'There is nothing here', status: 404, code: 'not_found' },
    }
    return Promise.resolve(new Response(JSON.stringify(json), { status }))
  })
  return { calls }
}
