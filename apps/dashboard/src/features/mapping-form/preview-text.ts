import type { MappingPreview, Moves, Overlap } from '@crossfade/contracts/api/preview'
import { percentText } from '../../shared/format.ts'

/** "12 % of the people of Cart move to new": one line per mapping that moves anyone. */
export function moveText({ name, percentToNew, percentToLegacy, reshuffled }: Moves): string {
  const parts = [
    percentToNew > 0 ? `${percentText(percentToNew)} to new` : '',
    percentToLegacy > 0 ? `${percentText(percentToLegacy)} to legacy` : '',
  ].filter(Boolean)
  if (parts.length > 0) return `${name}: ${parts.join(' and ')}${reshuffled ? ', dealt anew' : ''}`
  return `${name}: who goes first is dealt anew, so people may change sides`
}

export function overlapText({ name, winner, sameMatch }: Overlap): string {
  if (sameMatch) return `${name} has this very match: it cannot be saved twice`
  return winner === 'this'
    ? `Requests that ${name} matches too are answered by this mapping`
    : `Requests that ${name} matches too stay with ${name}`
}

/** Saving would change somebody's side, so it must be said that this was seen. */
export function needsConfirmation(preview: MappingPreview | undefined): boolean {
  return (preview?.moves ?? []).some(
    ({ intervals, reshuffled, percentToNew, percentToLegacy }) =>
      intervals.length > 0 || reshuffled || percentToNew > 0 || percentToLegacy > 0,
  )
}
