import { describe, expect, it } from 'vitest'
import { createClockOffset } from './clock-offset.ts'

describe('the offset of the clocks', () => {
  it('is nothing until something was measured', () => {
    expect(createClockOffset().current()).toBe(0)
  })

  it('takes half of the round trip for the way back', () => {
    const offset = createClockOffset()
    offset.measured({ sent: 1000, received: 1100, theirs: 6050 })
    expect(offset.current()).toBe(5000)
  })

  it('believes the fastest of the last exchanges', () => {
    const offset = createClockOffset()
    offset.measured({ sent: 0, received: 10, theirs: 505 })
    offset.measured({ sent: 1000, received: 3000, theirs: 1200 })
    expect(offset.current()).toBe(500)
  })

  it('forgets old exchanges, so that a clock that drifts is followed', () => {
    const offset = createClockOffset()
    offset.measured({ sent: 0, received: 2, theirs: 501 })
    for (let i = 0; i < 8; i++) offset.measured({ sent: 0, received: 100, theirs: 850 })
    expect(offset.current()).toBe(800)
  })

  it('ignores an exchange during which our own clock was set back', () => {
    const offset = createClockOffset()
    offset.measured({ sent: 1000, received: 500, theirs: 1000 })
    expect(offset.current()).toBe(0)
  })
})
