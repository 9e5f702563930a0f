import type { FieldError } from './field-error.ts'

/** A snapshot that cannot be obeyed, with everything that is wrong with it. */
export class SnapshotError extends Error {
  override readonly name = 'SnapshotError'
  readonly errors: readonly FieldError[]

  constructor(errors: readonly FieldError[]) {
    const [first] = errors
    super(
      `The snapshot does not hold together: ${first ? `${first.path}: ${first.message}` : 'no reason given'}`,
    )
    this.errors = errors
  }
}
