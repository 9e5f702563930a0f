import type { Share } from '../model.ts'

/** What stands in the way of raises (rule 21). Plain JSON; times in ms since the epoch unless said otherwise. */

export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
export type Weekday = (typeof WEEKDAYS)[number]

export type FreezeWindow =
  | {
      readonly kind: 'once'
      /** Instants, ISO 8601; half open. */
      readonly from: string
      readonly until: string
    }
  | {
      readonly kind: 'weekly'
      /** On which a window begins. */
      readonly days: readonly Weekday[]
      /** `HH:MM` on a clock of `timeZone`; an end at or before the beginning is on the next day. */
      readonly from: string
      readonly until: string
      /** IANA name, `Europe/Berlin`. */
      readonly timeZone: string
    }

/** A time without raises. */
export interface Freeze {
  readonly name: string
  readonly window: FreezeWindow
}

/** What raises of an environment take. */
export interface Protection {
  /** Raises that end above this need approvals; null for none. */
  readonly above: Share | null
  /** So do raises by more than this over what the share was at its lowest in the last 24 h. */
  readonly step: Share | null
  /** How many people have to approve. */
  readonly quorum: number
  /** Whoever asks may also approve. */
  readonly selfApproval: boolean
  /** How long a request may wait, in ms. */
  readonly expiresMs: number
}

/** `PUT /environments/{id}/line`, stopped: no raises until somebody lifts it. */
export interface StoppedLine {
  readonly by: string
  readonly at: number
  readonly reason: string
}
