import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { problems } from '@crossfade/contracts/problems'

const document = readFileSync(new URL('../../../../docs/problems.md', import.meta.url), 'utf8')
const rows = [...document.matchAll(/^\| `(\w+)` *\| (\d{3}) *\| ([^|]+?) *\|/gm)]

describe('docs/problems.md', () => {
  it('lists every problem there is and no other, with its status and title', () => {
    const listed = rows.map(([, code, status, title]) => ({ code, status: Number(status), title }))
    const existing = Object.entries(problems).map(([code, { status, title }]) => ({ code, status, title }))
    const byCode = (a: { code?: string | undefined }, b: { code?: string | undefined }) =>
      String(a.code).localeCompare(String(b.code))
    expect(listed.toSorted(byCode)).toEqual(existing.toSorted(byCode))
  })

  it('says of each what to do', () => {
    const silent = document
      .split('\n')
      .filter((line) => /^\| `\w+`/.test(line) && !/\| \S[^|]{10,}\|$/.test(line))
    expect(silent).toEqual([])
  })
})
