import type { FreezeInput, FreezeView } from '@crossfade/contracts/api/freezes'
import type { FieldError } from '@crossfade/contracts/problems'
import { WEEKDAYS, type Weekday } from '@crossfade/core/governance/model'
import { fromField, ownTimeZone, toField } from './local-time.ts'

/** Both kinds of window at once, so that switching loses nothing that was typed. */
export interface FreezeDraft {
  readonly name: string
  readonly reason: string
  readonly kind: 'once' | 'weekly'
  /** As date fields write them. */
  readonly from: string
  readonly until: string
  readonly days: readonly Weekday[]
  readonly fromTime: string
  readonly untilTime: string
  readonly timeZone: string
}

const weekdayNames: Readonly<Record<Weekday, string>> = {
  mon: 'Monday',
  tue: 'Tuesday',
  wed: 'Wednesday',
  thu: 'Thursday',
  fri: 'Friday',
  sat: 'Saturday',
  sun: 'Sunday',
}
export const weekdays = WEEKDAYS.map((value) => ({ value, label: weekdayNames[value] }))

export function draftOfFreeze(freeze: FreezeView | null): FreezeDraft {
  const empty = {
    name: freeze?.name ?? '',
    reason: freeze?.reason ?? '',
    kind: 'once',
    from: '',
    until: '',
    days: ['fri'],
    fromTime: '16:00',
    untilTime: '08:00',
    timeZone: ownTimeZone(),
  } as const
  const window = freeze?.window
  if (window === undefined) return empty
  if (window.kind === 'once') return { ...empty, from: toField(window.from), until: toField(window.until) }
  const { days, from, until, timeZone } = window
  return { ...empty, kind: 'weekly', days, fromTime: from, untilTime: until, timeZone }
}

/** What would be sent, with what is missing from it. */
export function inputOfFreeze(draft: FreezeDraft): { input: FreezeInput; missing: FieldError[] } {
  const { name, reason } = draft
  if (draft.kind === 'weekly') {
    const { days, fromTime: from, untilTime: until, timeZone } = draft
    const missing = days.length === 0 ? [{ path: 'window.days', message: 'Choose at least one day' }] : []
    return {
      input: { name, reason, window: { kind: 'weekly', days: [...days], from, until, timeZone } },
      missing,
    }
  }
  const from = fromField(draft.from)
  const until = fromField(draft.until)
  const missing = [
    ...(from === null ? [{ path: 'window.from', message: 'Give date and time' }] : []),
    ...(until === null ? [{ path: 'window.until', message: 'Give date and time' }] : []),
  ]
  return { input: { name, reason, window: { kind: 'once', from: from ?? '', until: until ?? '' } }, missing }
}

export function freezeFieldOf(path: string): string | null {
  const [first = ''] = path.split('.')
  if (first === 'window') return path.replace(/^(window\.days)\..*$/, '$1')
  return first === 'name' || first === 'reason' ? first : null
}
