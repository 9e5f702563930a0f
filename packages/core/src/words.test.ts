import { describe, expect, it } from 'vitest'
import { aboutWords, countWords, durationWords, fractionWords, plain, shareWords, some } from './words.ts'

describe('numbers as people read them', () => {
  it.each([
    [shareWords(5), '0.05 %'],
    [shareWords(10_000), '100 %'],
    [fractionWords(0.012_345), '1.23 %'],
    [fractionWords(0), '0 %'],
    [plain(0.000_000_01), '0'],
    [plain(4.567), '4.57'],
    [plain(12_345), '12 300'],
    [plain(Number.POSITIVE_INFINITY), '∞'],
    [countWords(1_234_567), '1 234 567'],
    [durationWords(999), '0 s'],
    [durationWords(90_000), '1 min 30 s'],
    [durationWords(3_600_000), '1 h'],
    [durationWords(187_200_000), '2 d 4 h'],
    [aboutWords(530_000_000), '6 days'],
    [aboutWords(50_000_000), '14 h'],
    [aboutWords(5_000_000), '83 min'],
    [aboutWords(400), '1 s'],
    [some(1, 'request'), '1 request'],
    [some(0, 'request'), '0 requests'],
  ])('%s is %s', (said, meant) => {
    expect(said).toBe(meant)
  })
})
