import { systemClock, type Clock } from '@crossfade/runtime/clock'
import { createContext, use, useEffect, useState, type ReactNode } from 'react'

const ClockContext = createContext<Clock>(systemClock)

/** Tests bring a manual clock; without a provider the real one. */
export function ClockProvider(props: { clock: Clock; children: ReactNode }) {
  return <ClockContext value={props.clock}>{props.children}</ClockContext>
}

export function useClock(): Clock {
  return use(ClockContext)
}

/** The time now in ms, renewed every `everyMs`. */
export function useNow(everyMs = 1000): number {
  const clock = useClock()
  const [now, setNow] = useState(() => clock.now())
  useEffect(() => {
    const tick = () => {
      setNow(clock.now())
      cancel = clock.after(everyMs, tick)
    }
    let cancel = clock.after(everyMs, tick)
    return () => cancel()
  }, [clock, everyMs])
  return now
}
