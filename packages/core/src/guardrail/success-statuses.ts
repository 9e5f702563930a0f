/** What an answer says about the service that gave it (rule 15). */
export type StatusOutcome = 'success' | 'client-error' | 'error'

/**
 * `declared` are statuses that a mapping calls a success although their class says otherwise, such as 404 for "not in
 * the catalogue" or 503 for "closed at night". Everything else goes by its class.
 */
export function outcomeOfStatus(status: number, declared: readonly number[]): StatusOutcome {
  if (status < 400 || declared.includes(status)) return 'success'
  return status < 500 ? 'client-error' : 'error'
}
