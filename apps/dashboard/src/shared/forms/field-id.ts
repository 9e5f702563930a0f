/** The id of a field's input: what a link in the error summary points to. */
export function fieldId(field: string): string {
  return `field-${field.replaceAll('.', '-')}`
}
