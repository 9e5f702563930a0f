import { describe, expect, it } from 'vitest'
import { checkSplit } from './split-check.ts'

describe('the split check', () => {
  const drawn = { kind: 'request' } as const

  it('accepts what chance explains', () => {
    expect(checkSplit(25, { percent: 26.1, requests: 2_000 }, drawn).kind).toBe('as-asked')
  })

  it('warns when the measured share is beyond chance', () => {
    const check = checkSplit(25, { percent: 31, requests: 2_000 }, drawn)
    expect(check).toEqual({
      kind: 'off',
      words: '25 % asked, 31 % measured in 2,000 requests: more than chance explains',
    })
  })

  it('knows no chance at the ends', () => {
    expect(checkSplit(0, { percent: 0, requests: 900 }, drawn).kind).toBe('as-asked')
    expect(checkSplit(100, { percent: 99.9, requests: 1_000 }, drawn).kind).toBe('off')
  })

  it('says nothing on few requests, and does not judge sticky users by requests', () => {
    expect(checkSplit(25, { percent: 90, requests: 37 }, drawn).kind).toBe('quiet')
    expect(checkSplit(25, { percent: 31, requests: 2_000 }, { kind: 'cookie', name: 'sid' }).kind).toBe(
      'as-asked',
    )
  })
})
