import { z } from 'zod'
import { WHOLE, type Share } from '@crossfade/core/model'

/** How far sums of percentages stray in floating point; digits that somebody wrote are never this small. */
const ROUNDING = 1e-11

/** A share as people write it: 0…100 with at most two decimals. */
export const percentSchema = z
  .number()
  .min(0)
  .max(100)
  .refine((percent) => Math.abs(percent - percentOfShare(shareOfPercent(percent))) < ROUNDING, {
    message: 'Give at most two decimals',
  })
  .meta({ description: 'Share of the new side in percent, at most two decimals', example: 12.5 })

export function shareOfPercent(percent: number): Share {
  return Math.round(percent * 100)
}

export function percentOfShare(share: Share): number {
  return share / (WHOLE / 100)
}
