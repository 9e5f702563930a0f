import { describe, expect, it } from 'vitest'
import { filterMappings } from './filter-mappings.ts'
import { mappingView } from '../../testing/views.ts'

const rows = [
  {
    mapping: mappingView({ id: 'a', name: 'books', owner: 'catalogue' }),
    percent: 10,
    needsAttention: false,
  },
  { mapping: mappingView({ id: 'b', name: 'authors', owner: 'people' }), percent: 0, needsAttention: true },
  {
    mapping: mappingView({ id: 'c', name: 'old books', owner: 'catalogue' }),
    percent: 100,
    needsAttention: false,
  },
]
const names = (search: Parameters<typeof filterMappings>[1]) =>
  filterMappings(rows, search).map(({ mapping }) => mapping.name)

describe('the filters of the list', () => {
  it('find all terms and leave out those with an exclamation mark', () => {
    expect(names({ q: 'Books, catalogue' })).toEqual(['books', 'old books'])
    expect(names({ q: 'catalogue !old' })).toEqual(['books'])
    expect(names({ q: '!' })).toHaveLength(3)
  })

  it('narrow by state, owner and what needs attention', () => {
    expect(names({ state: 'moving' })).toEqual(['books'])
    expect(names({ owner: 'catalogue', state: 'new' })).toEqual(['old books'])
    expect(names({ attention: true })).toEqual(['authors'])
  })
})
