import { describe, expect, it } from 'vitest'
import { manualClock } from '@crossfade/testkit/manual-clock'
import { createSignInThrottle } from './sign-in-throttle.ts'

const fail = (
  throttle: ReturnType<typeof createSignInThrottle>,
  times: number,
  ip: string,
  email: string,
) => {
  for (let i = 0; i < times; i++) throttle.enter(ip, email)
}

describe('the brake on sign-in', () => {
  it('stops the eleventh failure of one person from one address, for five minutes', () => {
    const clock = manualClock()
    const throttle = createSignInThrottle(clock)
    fail(throttle, 10, '192.0.2.1', 'ada')
    clock.advance(60_000)
    expect(() => throttle.enter('192.0.2.1', 'ada')).toThrow(
      expect.objectContaining({ code: 'rate_limited', extra: { retryAfter: 240 } }),
    )
    expect(() => throttle.enter('192.0.2.1', 'bob')).not.toThrow()
    expect(() => throttle.enter('192.0.2.2', 'ada')).not.toThrow()
    clock.advance(240_000)
    expect(() => throttle.enter('192.0.2.1', 'ada')).not.toThrow()
  })

  it('forgets the failures of who came in after all', () => {
    const throttle = createSignInThrottle(manualClock())
    fail(throttle, 10, '192.0.2.1', 'ada')
    throttle.succeeded('192.0.2.1', 'ada')
    expect(() => throttle.enter('192.0.2.1', 'ada')).not.toThrow()
  })

  it('stops one address that tries many people', () => {
    const throttle = createSignInThrottle(manualClock())
    for (let i = 0; i < 100; i++) throttle.enter('192.0.2.1', `person ${i}`)
    expect(() => throttle.enter('192.0.2.1', 'yet another')).toThrow(
      expect.objectContaining({ code: 'rate_limited' }),
    )
  })
})
