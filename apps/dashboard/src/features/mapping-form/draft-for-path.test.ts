import { describe, expect, it } from 'vitest'
import { draftForPath } from './draft-for-path.ts'

describe('mapping a path that is asked for', () => {
  it.each([
    [{ path: '/v2/books', method: 'GET' }, ['GET'], 'exact', '/v2/books'],
    [{ path: '/a/:id/b/:id', method: 'PUT' }, ['PUT'], 'template', '/a/:id/b/:id2'],
    [{ path: '/a/*rest', method: 'OTHER' }, [], 'template', '/a/*rest'],
    [{}, [], 'prefix', ''],
  ])('%o begins as %o %s %s', (search, methods, pathKind, pathValue) => {
    expect(draftForPath(search)).toMatchObject({ methods, pathKind, pathValue })
  })
})
