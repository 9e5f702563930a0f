/** How far the control plane's clock is ahead of ours, in ms. */
export interface ClockOffset {
  /** One exchange: our clock when we asked and when the answer came, theirs when they answered. */
  measured(exchange: { readonly sent: number; readonly received: number; readonly theirs: number }): void
  /** 0 until something was measured. */
  current(): number
}

/** Old measurements go, or clocks that drift would be judged by how they once stood. */
const remembered = 8

/**
 * As NTP does (RFC 5905, section 8 and the clock filter of section 10): half of the round trip is taken for
 * the way back, and of the last few exchanges the fastest is believed, because it hides the least.
 */
export function createClockOffset(): ClockOffset {
  let exchanges: readonly { readonly roundTrip: number; readonly offset: number }[] = []
  let best = 0

  return {
    measured({ sent, received, theirs }) {
      const roundTrip = received - sent
      // Our own clock was set back in between.
      if (roundTrip < 0) return
      exchanges = [...exchanges, { roundTrip, offset: theirs - (sent + received) / 2 }].slice(-remembered)
      best = Math.round(exchanges.reduce((a, b) => (b.roundTrip < a.roundTrip ? b : a)).offset)
    },
    current: () => best,
  }
}
