import { describe, expect, it } from 'vitest'
import { freezeAt, spanAt, windowWords } from './freeze.ts'
import type { FreezeWindow, Weekday } from './model.ts'
import { instantOf, isTimeZone, wallAt } from './time-zone.ts'

const at = (text: string) => Date.parse(text)
const weekly = (days: readonly Weekday[], from: string, until: string, timeZone = 'Europe/Berlin') =>
  ({ kind: 'weekly', days, from, until, timeZone }) satisfies FreezeWindow
const iso = (window: FreezeWindow, now: string) => {
  const span = spanAt(window, at(now))
  return span && [new Date(span.from).toISOString(), new Date(span.until).toISOString()]
}

describe('a freeze that happens once', () => {
  const window = { kind: 'once', from: '2026-12-20T00:00:00Z', until: '2027-01-03T00:00:00Z' } as const

  it.each([
    ['2026-12-19T23:59:59.999Z', null],
    ['2026-12-20T00:00:00Z', 'Christmas'],
    ['2027-01-02T23:59:59.999Z', 'Christmas'],
    ['2027-01-03T00:00:00Z', null],
  ])('is on from its beginning to just before its end: %s', (now, name) => {
    expect(freezeAt([{ name: 'Christmas', window }], at(now))?.name ?? null).toBe(name)
  })

  it('is over when it is over', () => expect(spanAt(window, at('2027-01-03T00:00:00Z'))).toBeNull())
})

describe('a freeze that comes back every week', () => {
  it('follows the clocks of its time zone over both changes to and from daylight saving', () => {
    const nights = weekly(['mon'], '18:00', '06:00')
    expect(iso(nights, '2026-03-23T12:00:00Z')).toEqual([
      '2026-03-23T17:00:00.000Z',
      '2026-03-24T05:00:00.000Z',
    ])
    expect(iso(nights, '2026-03-30T12:00:00Z')).toEqual([
      '2026-03-30T16:00:00.000Z',
      '2026-03-31T04:00:00.000Z',
    ])
    expect(iso(nights, '2026-10-26T12:00:00Z')).toEqual([
      '2026-10-26T17:00:00.000Z',
      '2026-10-27T05:00:00.000Z',
    ])
  })

  it.each([
    // Berlin: 29 March 2026 has no 02:30, 25 October 2026 has it twice.
    [
      'begins at the jump where its hour does not exist',
      weekly(['sun'], '02:30', '06:00'),
      '2026-03-29T00:00:00Z',
      '2026-03-29T01:00:00.000Z',
      '2026-03-29T04:00:00.000Z',
    ],
    [
      'ends at the jump where its hour does not exist',
      weekly(['sat'], '22:00', '02:30'),
      '2026-03-28T22:00:00Z',
      '2026-03-28T21:00:00.000Z',
      '2026-03-29T01:00:00.000Z',
    ],
    [
      'begins the first time its hour comes',
      weekly(['sun'], '02:30', '06:00'),
      '2026-10-25T00:00:00Z',
      '2026-10-25T00:30:00.000Z',
      '2026-10-25T05:00:00.000Z',
    ],
    [
      'ends the last time its hour comes',
      weekly(['sat'], '22:00', '02:30'),
      '2026-10-24T22:00:00Z',
      '2026-10-24T20:00:00.000Z',
      '2026-10-25T01:30:00.000Z',
    ],
    [
      'has 23 hours on a day that has 23',
      weekly(['sun'], '00:00', '00:00'),
      '2026-03-29T00:00:00Z',
      '2026-03-28T23:00:00.000Z',
      '2026-03-29T22:00:00.000Z',
    ],
    [
      'has 25 hours on a day that has 25',
      weekly(['sun'], '00:00', '00:00'),
      '2026-10-25T00:00:00Z',
      '2026-10-24T22:00:00.000Z',
      '2026-10-25T23:00:00.000Z',
    ],
    [
      'knows half hours',
      weekly(['wed'], '09:00', '10:00', 'Asia/Kolkata'),
      '2026-07-01T00:00:00Z',
      '2026-07-01T03:30:00.000Z',
      '2026-07-01T04:30:00.000Z',
    ],
    [
      'knows clocks that change by half an hour',
      weekly(['sun'], '02:15', '03:00', 'Australia/Lord_Howe'),
      '2026-10-03T15:00:00Z',
      '2026-10-03T15:30:00.000Z',
      '2026-10-03T16:00:00.000Z',
    ],
    [
      'knows a day that begins after midnight',
      weekly(['sun'], '00:00', '04:00', 'America/Santiago'),
      '2026-09-06T04:00:00Z',
      '2026-09-06T04:00:00.000Z',
      '2026-09-06T07:00:00.000Z',
    ],
  ] as const)('%s', (_what, window, now, from, until) => {
    expect(iso(window, now)).toEqual([from, until])
  })

  it('is still on after midnight, and then comes next week', () => {
    const friday = weekly(['fri'], '16:00', '02:00', 'UTC')
    expect(iso(friday, '2026-11-21T01:59:59Z')).toEqual([
      '2026-11-20T16:00:00.000Z',
      '2026-11-21T02:00:00.000Z',
    ])
    expect(iso(friday, '2026-11-21T02:00:00Z')).toEqual([
      '2026-11-27T16:00:00.000Z',
      '2026-11-28T02:00:00.000Z',
    ])
  })
})

describe('several freezes', () => {
  it('say when raises are possible again, over those that follow each other', () => {
    const weekend = { name: 'Weekend', window: weekly(['sat', 'sun'], '00:00', '00:00', 'UTC') }
    const evening = { name: 'Friday evening', window: weekly(['fri'], '18:00', '00:00', 'UTC') }
    const now = at('2026-11-20T19:00:00Z')
    expect(freezeAt([weekend, evening], now)).toEqual({
      name: 'Friday evening',
      until: at('2026-11-23T00:00:00Z'),
    })
    expect(freezeAt([weekend, evening], at('2026-11-20T17:59:59Z'))).toBeNull()
  })

  it('name the one that lasts longest', () => {
    const hour = { name: 'Hour', window: weekly(['fri'], '12:00', '13:00', 'UTC') }
    const day = { name: 'Day', window: weekly(['fri'], '08:00', '20:00', 'UTC') }
    expect(freezeAt([hour, day], at('2026-11-20T12:30:00Z'))?.name).toBe('Day')
  })

  it('see no end where every day is frozen', () => {
    const always = weekly(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'], '00:00', '00:00')
    expect(freezeAt([{ name: 'Always', window: always }], at('2026-11-20T12:00:00Z'))).toEqual({
      name: 'Always',
      until: null,
    })
  })
})

describe('words', () => {
  it.each([
    [weekly(['sat', 'sun'], '18:00', '06:00'), 'Sat and Sun, 18:00 to 06:00 (Europe/Berlin)'],
    [
      weekly(['fri', 'mon', 'tue', 'thu', 'wed'], '00:00', '00:00', 'UTC'),
      'Mon to Fri, 24 hours from 00:00 (UTC)',
    ],
    [weekly(['mon', 'wed', 'fri'], '08:00', '09:00', 'UTC'), 'Mon, Wed and Fri, 08:00 to 09:00 (UTC)'],
    [
      { kind: 'once', from: '2026-12-20T01:00:00+01:00', until: '2027-01-03T00:00:00Z' } as const,
      '2026-12-20 00:00 to 2027-01-03 00:00 (UTC)',
    ],
  ])('are those of a calendar', (window, words) => expect(windowWords(window)).toBe(words))
})

describe('a time zone', () => {
  it('is known by its IANA name', () => {
    expect(['Europe/Berlin', 'UTC', 'America/New_York'].every(isTimeZone)).toBe(true)
    expect(['Europe/Atlantis', '', 'CEST2'].some(isTimeZone)).toBe(false)
  })

  it('shows each wall time it has at the instant that is found for it', () => {
    for (const zone of ['Europe/Berlin', 'America/St_Johns', 'Pacific/Apia', 'Africa/Casablanca']) {
      for (
        let instant = at('2026-01-01T00:00:00Z');
        instant < at('2027-01-01T00:00:00Z');
        instant += 1_234_567_000
      ) {
        const wall = wallAt(zone, instant)
        expect([instantOf(zone, wall, 'first'), instantOf(zone, wall, 'last')]).toContain(instant)
      }
    }
  })
})
