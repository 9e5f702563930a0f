import { WHOLE } from '../model.ts'
import { countWords, durationWords } from '../words.ts'
import type { EvidenceWindow } from './evidence.ts'
import { judge } from './judge.ts'
import type { GuardrailMemory } from './memory.ts'
import type { Guardrail } from './model.ts'

export interface Firings {
  /** When, and what it would have said. */
  readonly fired: readonly { readonly at: number; readonly words: string }[]
  /** `Would have fired 2 times in the last 7 d`. */
  readonly words: string
}

/**
 * A guardrail over stored windows, before it guards anything: the same judge, begun afresh after each time it fires.
 * `alpha` as it would have in its ramp; `windows` in order, of its kind of client.
 */
export function wouldHaveFired(
  guardrail: Guardrail,
  windows: readonly EvidenceWindow[],
  alpha: number,
): Firings {
  const fired: { at: number; words: string }[] = []
  let memory: GuardrailMemory | null = null
  let since = windows[0]?.at ?? 0
  for (const window of windows) {
    const end = window.at + window.seconds * 1_000
    const context = {
      now: end,
      mappingId: '',
      since,
      // Where legacy had traffic it can be compared with, it is.
      share: window.legacy.tally.requests === 0 && window.new.tally.requests > 0 ? WHOLE : 0,
      alpha,
      judgeable: { through: end, waitsFor: [] },
    }
    const judged = judge(guardrail, memory, [window], context)
    memory = judged.memory
    if (judged.judgement.verdict !== 'fail') continue
    fired.push({ at: end, words: judged.judgement.words })
    memory = null
    since = end
  }
  return { fired, words: firedWords(fired.length, windows) }
}

function firedWords(count: number, windows: readonly EvidenceWindow[]): string {
  const [first, last] = [windows[0], windows.at(-1)]
  if (first === undefined || last === undefined) return 'There is no stored data to try it on'
  const span = durationWords(last.at + last.seconds * 1_000 - first.at)
  const times =
    count === 0 ? 'not have fired' : `have fired ${count === 1 ? 'once' : `${countWords(count)} times`}`
  return `Would ${times} in the last ${span}`
}
