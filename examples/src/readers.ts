/** One request an imaginary reader makes. */
export interface ReaderRequest {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly cookie: string
  readonly body: string | null
}

export const READERS = 500

/** What one of 500 readers does next: mostly reading, now and then a bookmark. */
export function nextRequest(random: () => number): ReaderRequest {
  const reader = Math.floor(random() * READERS)
  const cookie = `uid=reader-${reader}`
  const get = (path: string): ReaderRequest => ({
    method: 'GET',
    path: `/v2/content_api/${path}`,
    cookie,
    body: null,
  })
  const draw = random()
  if (draw < 0.4) return get(`book.get_chapter_details?id=${1 + Math.floor(random() * 24)}`)
  if (draw < 0.65) return get(`book.chapters_by_status?status=${random() < 0.5 ? 'draft' : 'published'}`)
  if (draw < 0.85) return get(`author/${1 + Math.floor(random() * 90)}`)
  if (draw < 0.92) return get('ping')
  return {
    method: 'POST',
    path: '/v2/content_api/bookmarks',
    cookie,
    body: JSON.stringify({ reader, chapter: 1 + Math.floor(random() * 24) }),
  }
}
