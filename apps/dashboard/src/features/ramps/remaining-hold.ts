import type { RampDetail } from '@crossfade/contracts/api/ramps'
import { useState } from 'react'
import { useNow } from '../../shared/clock.tsx'

/** Hold that is still to come, counted down between two answers while it counts; ms. */
export function useRemainingHold(ramp: Pick<RampDetail, 'run'>): number {
  const now = useNow(1000)
  const { run } = ramp
  const [heard, setHeard] = useState({ run, at: now })
  if (heard.run !== run) setHeard({ run, at: now })
  const counts = run.status === 'running' && run.waitsFor === 'hold'
  return Math.max(0, run.remainingHoldMs - (counts ? Math.max(0, now - heard.at) : 0))
}
