import { describe, expect, it } from 'vitest'
import { sidesByMethod, wordsOf } from './draft-words.ts'

describe('what the Apply bar says', () => {
  it('tells per cent as requests per second and as users', () => {
    expect(wordsOf({ kind: 'cookie', name: 'sid' }, 5, 25, 420)).toEqual({
      move: '5 % → 25 %',
      traffic: 'about 84 requests/s more on new',
      people: '20 % of users (by cookie sid) move to new; nobody moves back.',
    })
  })

  it('says who goes back when lowering', () => {
    const words = wordsOf({ kind: 'request' }, 25, 12.5, 0)
    expect(words.traffic).toBe('no traffic right now')
    expect(words.people).toBe('Each request is drawn anew: 12.5 % of them go back to legacy.')
  })
})

describe('who answers which method', () => {
  const match = { methods: ['GET', 'POST'], host: null, path: { kind: 'exact' as const, path: '/' } }

  it('sends writes with the share unless they are phased', () => {
    const mapping = { match, writes: { kind: 'with-share' as const }, pointOfNoReturn: false }
    expect(sidesByMethod(mapping, 25).map((one) => one.percentNew)).toEqual([25, 25])
  })

  it('sends phased writes to whoever has authority', () => {
    const phased = (phase: 'off' | 'dual-new') =>
      sidesByMethod({ match, writes: { kind: 'phased', phase }, pointOfNoReturn: false }, 25)
    expect(phased('off').map((one) => one.percentNew)).toEqual([25, 0])
    expect(phased('dual-new').map((one) => one.percentNew)).toEqual([25, 100])
  })

  it('sends everything to new past the point of no return', () => {
    const mapping = { match, writes: { kind: 'with-share' as const }, pointOfNoReturn: true }
    expect(sidesByMethod(mapping, 25).map((one) => one.percentNew)).toEqual([100, 100])
  })
})
