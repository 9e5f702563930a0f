import { describe, expect, it } from 'vitest'
import { changeSchema } from '@crossfade/contracts/api/changes'
import { auditSearchSchema, filterOfSearch, isFiltered } from './audit-search.ts'
import { csvOfChanges, jsonlOfChanges } from './export-changes.ts'

const change = changeSchema.parse({
  seq: 7,
  at: '2026-01-01T00:00:00Z',
  environmentId: 'default',
  actor: { kind: 'user', id: 'u', name: 'Maya' },
  act: 'mapping.share',
  object: { kind: 'mapping', id: 'm', name: '=cart, "old"' },
  before: { percent: 1 },
  after: { percent: 2 },
  reason: null,
  source: 'dashboard',
  requestId: null,
  revision: 9,
})

describe('exporting changes', () => {
  it('writes CSV that neither commas nor formulas break', () => {
    const [header, row] = csvOfChanges([change]).split('\r\n')
    expect(header).toMatch(/^seq,at,sentence,/)
    expect(row).toContain(`"'=cart, ""old"""`)
    expect(row).toContain(`"{""percent"":2}"`)
  })

  it('writes one JSON object per line', () => {
    const lines = jsonlOfChanges([change, change]).trimEnd().split('\n')
    expect(lines.map((line) => changeSchema.parse(JSON.parse(line)).seq)).toEqual([7, 7])
  })
})

describe('filters in the address', () => {
  it('ask for whole days, the last one included', () => {
    const filter = filterOfSearch(
      auditSearchSchema.parse({ from: '2026-03-01', to: '2026-03-01' }),
      'default',
    )
    expect(Date.parse(filter.to ?? '') - Date.parse(filter.from ?? '')).toBe(86_400_000)
    expect(filter.environmentId).toBe('default')
  })

  it('drop what does not fit instead of failing', () => {
    const search = auditSearchSchema.parse({ source: 'fax', from: 'yesterday', seq: 'x' })
    expect(isFiltered(search)).toBe(false)
    const elsewhere = { ...search, environment: 'staging' }
    expect(isFiltered(elsewhere)).toBe(false)
  })

  it('look beyond the environment when asked', () => {
    expect(filterOfSearch({ all: true, actor: 'Maya' }, 'default')).toEqual({ actor: 'Maya' })
  })
})
