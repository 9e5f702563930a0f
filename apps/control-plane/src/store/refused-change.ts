import { Problem, type ProblemCode } from '@crossfade/contracts/problems'
import type { ChangeDraft } from './author.ts'

/** A refusal that belongs into the audit trail, although nothing changed: `Store.change` writes it there. */
export class RefusedChange extends Problem {
  readonly draft: ChangeDraft

  constructor(
    code: ProblemCode,
    options: { readonly detail: string; readonly extra: Readonly<Record<string, unknown>> },
    draft: Pick<ChangeDraft, 'object' | 'before' | 'alsoTouches'>,
  ) {
    super(code, options)
    const after = { refused: code, because: options.detail, ...options.extra }
    this.draft = { ...draft, act: 'raise.refused', after }
  }
}
