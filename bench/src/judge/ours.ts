import { errorBudget } from '@crossfade/core/guardrail/error-budget'
import { defaultGuardrails } from '@crossfade/core/guardrail/defaults'
import type { EvidenceWindow } from '@crossfade/core/guardrail/evidence'
import { judge } from '@crossfade/core/guardrail/judge'
import type { GuardrailMemory } from '@crossfade/core/guardrail/memory'

/** Our default guardrails that roll back, fed window after window; true where one fails. */
export function ours(part: number): (window: EvidenceWindow) => boolean {
  const guardrails = defaultGuardrails().filter(({ action }) => action === 'roll-back')
  const alpha = errorBudget(guardrails, 1)
  const memories = new Map<string, GuardrailMemory>()
  return (window) => {
    const end = window.at + window.seconds * 1_000
    let failed = false
    for (const guardrail of guardrails) {
      const { memory, judgement } = judge(guardrail, memories.get(guardrail.id) ?? null, [window], {
        now: end + 3_000,
        mappingId: 'm1',
        since: 0,
        share: Math.round(part * 10_000),
        alpha,
        judgeable: { through: end, waitsFor: [] },
      })
      memories.set(guardrail.id, memory)
      failed ||= judgement.verdict === 'fail'
    }
    return failed
  }
}
