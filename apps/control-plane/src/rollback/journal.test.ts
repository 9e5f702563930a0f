import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openJournal, type JournalEntry } from './journal.ts'

let file: string
beforeEach(() => {
  file = path.join(mkdtempSync(path.join(tmpdir(), 'crossfade-journal-')), 'deep', 'roll-backs.jsonl')
})
afterEach(() => rmSync(path.dirname(path.dirname(file)), { recursive: true }))

const entry = (id: string): JournalEntry => ({
  id,
  at: '2026-01-01T00:00:00.000Z',
  author: { actor: { kind: 'user', id: 'maya', name: 'Maya' }, source: 'dashboard', requestId: 'r-1' },
  kind: 'mapping',
  targetId: 'books',
  reason: 'errors',
  environmentId: 'default',
  mappingIds: ['books'],
  groupIds: [],
})
const left = () => openJournal(file).left.map(({ id }) => id)

describe('the journal of roll backs', () => {
  it('finds what was begun and not recorded, in order, whole', async () => {
    const journal = openJournal(file)
    await Promise.all([journal.begin(entry('a')), journal.begin(entry('b')), journal.begin(entry('c'))])
    await journal.recorded('b')
    expect(openJournal(file).left).toEqual([entry('a'), entry('c')])
  })

  it('is empty on disk once everything is recorded', async () => {
    const journal = openJournal(file)
    await journal.begin(entry('a'))
    await journal.recorded('a')
    expect(readFileSync(file, 'utf8')).toBe('')
  })

  it('survives a crash in the middle of a line', async () => {
    await openJournal(file).begin(entry('a'))
    appendFileSync(file, JSON.stringify({ begun: entry('b') }).slice(0, 40))
    expect(left()).toEqual(['a'])
  })

  it('goes on after half a line without losing what follows', async () => {
    await openJournal(file).begin(entry('a'))
    appendFileSync(file, '{"begun":{"id":"b"')
    await openJournal(file).begin(entry('c'))
    expect(left()).toEqual(['a', 'c'])
  })
})
