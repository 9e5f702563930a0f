import type { Socket } from '../link/socket.ts'

/** The dashboards' feed. */
export interface LiveFeed {
  accept(
    socket: Socket,
    options: {
      readonly environmentId: string
      /** Registers what to call when the viewer's rights end; the answer unregisters it. */
      readonly until?: (end: () => void) => () => void
    },
  ): void
}
