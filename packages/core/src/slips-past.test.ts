import { aMapping, aMatch, aSnapshot } from '@crossfade/testkit/builders'
import { describe, expect, it } from 'vitest'
import { readTarget } from './canonical-path.ts'
import { decide } from './decide.ts'
import { factsOf } from './facts.ts'
import type { PathPattern } from './model.ts'
import { compileSnapshot } from './routing-table.ts'
import { slipsPast } from './slips-past.ts'

const tableOf = (...paths: PathPattern[]) =>
  compileSnapshot(
    aSnapshot({ mappings: paths.map((path, i) => aMapping({ id: `m${i}`, match: aMatch(path) })) }),
  )
const slips = (target: string, ...paths: PathPattern[]) => {
  const table = tableOf(...paths)
  expect(readTarget(target, { encodedSlash: 'keep' }).kind).toBe('clear')
  const facts = factsOf({ method: 'GET', host: 't', target, headers: [], clientIp: '10.0.0.1', entropy: 0 })
  return slipsPast(table, facts, decide(table, facts))
}
const admin: PathPattern = { kind: 'prefix', path: '/admin' }

describe('a path with an encoded slash', () => {
  it.each(['/%2fadmin', '/%2Fadmin/x', '//%2fadmin', '/admin%2fx'])(
    'does not slip past a mapping: %s',
    (target) => {
      expect(slips(target, admin)).toBe(true)
    },
  )

  it('passes where both readings mean the same', () => {
    expect(slips('/x%2fy', admin)).toBe(false)
    expect(slips('/admin/x%2fy', admin)).toBe(false)
  })

  it('belongs to the template whose parameter holds it', () => {
    const template: PathPattern = { kind: 'template', template: '/projects/:id' }
    expect(slips('/projects/a%2fb', template, { kind: 'prefix', path: '/projects/a' })).toBe(false)
  })

  it('does not slip from a wide prefix past a narrow one', () => {
    expect(slips('/%2fadmin', admin, { kind: 'prefix', path: '/' })).toBe(true)
  })
})
