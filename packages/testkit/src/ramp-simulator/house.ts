import type { GuardrailMemory } from '@crossfade/core/guardrail/memory'
import type { RampAct, RampState } from '@crossfade/core/ramp/model'

/** What is stored of a ramp, as one row. */
export interface Row {
  readonly state: RampState
  readonly memories: Readonly<Record<string, GuardrailMemory>>
}

/** A table of one row, with compare-and-set on its version and the audit in the same transaction. */
export class House {
  #row: Row
  readonly audit: RampAct[] = []

  constructor(row: Row) {
    this.#row = row
  }

  load(): Row {
    return this.#row
  }

  /** False if somebody else was faster: then nothing is stored, and nothing was audited. */
  save(basedOn: number, row: Row, acts: readonly RampAct[]): boolean {
    if (this.#row.state.version !== basedOn) return false
    this.#row = row
    this.audit.push(...acts)
    return true
  }

  /** Whoever takes over after a crash knows what the database can carry. */
  takeOver(): void {
    this.#row = JSON.parse(JSON.stringify(this.#row)) as Row
  }
}
