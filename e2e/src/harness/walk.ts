import type { Ask, Heard } from './asking.ts'

interface OpenApi {
  readonly paths: Record<
    string,
    Record<string, { parameters?: { in: string; name: string; required?: boolean }[] }>
  >
}

/**
 * Asks everything the API's document says can be read, following ids from lists to what they name, and pages to
 * their end. Answers every answer.
 */
export async function walkApi(
  ask: Ask,
  headers: Readonly<Record<string, string>>,
): Promise<Map<string, Heard>> {
  const answers = new Map<string, Heard>()
  const read = async (path: string): Promise<unknown> => {
    const heard = await ask('GET', path, { headers })
    answers.set(path, heard)
    return heard.status === 200 ? (JSON.parse(heard.text) as unknown) : null
  }
  const document = (await read('/api/v1/openapi.json')) as OpenApi
  const filled = (path: string): string => {
    const needed = (document.paths[path]?.['get']?.parameters ?? []).filter(
      (one) => one.in === 'query' && (one.required === true || one.name === 'mappingId'),
    )
    const values = needed.map(
      ({ name }) =>
        `${name}=${name === 'mappingId' ? (ids.get('/api/v1/mappings')?.[0] ?? '') : Date.now() - 600_000}`,
    )
    return values.length === 0 ? path : `${path}?${values.join('&')}`
  }
  const readable = Object.entries(document.paths).filter(([, methods]) => methods['get'] !== undefined)
  const ids = new Map<string, string[]>()
  for (const [path] of readable.filter(([one]) => !one.includes('{'))) {
    if (path.endsWith('openapi.json')) continue
    let cursor: string | null = null
    const found: string[] = []
    do {
      const where: string = cursor === null ? filled(path) : `${path}?cursor=${encodeURIComponent(cursor)}`
      const page = (await read(where)) as {
        items?: Record<string, unknown>[]
        nextCursor?: string | null
      } | null
      for (const item of Array.isArray(page?.items) ? page.items : []) {
        const id = item['id'] ?? item['seq']
        if (typeof id === 'string' || typeof id === 'number') found.push(String(id))
      }
      cursor = page?.nextCursor ?? null
    } while (cursor !== null)
    ids.set(path, found)
  }
  for (const [path] of readable.filter(([one]) => one.includes('{'))) {
    const [list = '', rest = ''] = path.split(/\/\{[^}]+\}/)
    for (const id of ids.get(list) ?? []) await read(`${list}/${encodeURIComponent(id)}${rest}`)
  }
  return answers
}
