/** What is wrong with one field; `path` is dotted, such as `match.path.template`. */
export interface FieldError {
  readonly path: string
  readonly message: string
}

/** The same errors, one level further down. */
export function under(path: string, errors: readonly FieldError[]): FieldError[] {
  return errors.map((error) => ({ path: `${path}.${error.path}`, message: error.message }))
}
