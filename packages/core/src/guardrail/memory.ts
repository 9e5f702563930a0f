import type { Share } from '../model.ts'
import type { ComparisonMemory } from './comparison.ts'
import type { ThresholdMemory } from './latency-threshold.ts'
import type { Judgeable } from './select-windows.ts'
import type { WindowMemory } from './window-limit.ts'

/** What judging one guardrail remembers from tick to tick: plain JSON, stored with the ramp. */
export interface GuardrailMemory {
  /** Since when the sample counts; another one is another stage or version. */
  readonly since: number
  /** End of the last window that was judged. */
  readonly through: number
  /** When a value was last there. */
  readonly valueAt: number | null
  readonly comparison: ComparisonMemory
  readonly threshold: ThresholdMemory
  readonly window: WindowMemory
}

export interface JudgeContext {
  readonly now: number
  readonly mappingId: string
  /** `sampleSince` of the ramp. */
  readonly since: number
  readonly share: Share
  /** This guardrail's part of the ramp's error budget (`errorBudget`). */
  readonly alpha: number
  readonly judgeable: Judgeable
}
