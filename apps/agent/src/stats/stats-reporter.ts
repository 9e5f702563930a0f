import type { Clock } from '@crossfade/runtime/clock'
import type { Part } from '@crossfade/runtime/lifecycle'
import type { Outbox } from './outbox.ts'
import type { WindowRecorder } from './recorder.ts'

/** A little into the next second, so that a timer that rings early does not miss it. */
const afterBorderMs = 5
/** How long a leaving agent waits for its last numbers to be acknowledged. */
const farewellMs = 2000
const farewellCheckMs = 50

/** Ends windows as their seconds end, and sends them. */
export function createStatsReporter(parts: {
  readonly recorder: WindowRecorder
  readonly outbox: Outbox
  /** The control plane's clock as estimated, ms since the epoch. */
  readonly now: () => number
  readonly clock: Clock
  /** Without a link there is no use in waiting for an acknowledgement. */
  readonly isLinked: () => boolean
}): Part {
  const { recorder, outbox, clock } = parts
  let cancel = () => {}

  const schedule = () => {
    cancel = clock.after(1000 - (((parts.now() % 1000) + 1000) % 1000) + afterBorderMs, () => {
      recorder.tick()
      outbox.pump()
      schedule()
    })
  }
  const farewell = (until: number): Promise<void> =>
    new Promise((resolve) => {
      const check = () => {
        if (outbox.backlog() === 0 || !parts.isLinked() || clock.monotonic() >= until) resolve()
        else clock.after(farewellCheckMs, check)
      }
      check()
    })

  return {
    name: 'stats',
    async start() {
      schedule()
    },
    async stop() {
      cancel()
      recorder.flush()
      outbox.pump()
      await farewell(clock.monotonic() + farewellMs)
    },
  }
}
