/** What both book services know: the same data, as services have that share a database. */
export interface Answer {
  readonly status: number
  readonly body: Readonly<Record<string, unknown>>
}

export const chapters = Array.from({ length: 24 }, (_, index) => ({
  id: index + 1,
  title: `Chapter ${index + 1}`,
  status: index % 3 === 0 ? 'draft' : 'published',
  words: 1_200 + index * 37,
}))

export function chapterDetails(id: string | null): Answer {
  const chapter = chapters.find((candidate) => String(candidate.id) === id)
  return chapter
    ? { status: 200, body: { chapter } }
    : { status: 404, body: { error: `There is no chapter ${id}` } }
}

export function chaptersByStatus(status: string | null): Answer {
  return { status: 200, body: { chapters: chapters.filter((c) => status === null || c.status === status) } }
}

export function author(id: string): Answer {
  return { status: 200, body: { author: { id: Number(id), name: `Author ${id}` } } }
}

export function bookmark(text: string): Answer {
  try {
    return { status: 201, body: { bookmark: JSON.parse(text) as unknown } }
  } catch {
    return { status: 400, body: { error: 'The bookmark is not JSON' } }
  }
}
