import type { Share } from '../model.ts'
import { shareWords } from '../words.ts'
import type { Protection } from './model.ts'

export const defaultProtection: Protection = {
  above: null,
  step: null,
  quorum: 1,
  selfApproval: false,
  expiresMs: 72 * 3_600_000,
}

/** How far a raise goes. */
export interface RaiseSize {
  readonly name: string
  readonly to: Share
  /** Over the lowest share of the last 24 hours. */
  readonly by: Share
}

/** Why a raise needs approvals, in words; null when it needs none (rule 21). */
export function needsApproval({ above, step }: Protection, { name, to, by }: RaiseSize): string | null {
  if (above !== null && to > above)
    return `${name} goes to ${shareWords(to)}, and above ${shareWords(above)} people have to agree`
  if (step !== null && by > step) {
    return `${name} rises by ${shareWords(by)} within 24 hours, and beyond ${shareWords(step)} people have to agree`
  }
  return null
}

/** Raises may need approvals here at all. */
export function isProtected({ above, step }: Protection): boolean {
  return above !== null || step !== null
}
