import { randomUUID } from 'node:crypto'

/** A caller's `X-Request-Id` is kept if it is well formed, so that one id runs through all logs. */
export function requestIdOf(header: string | string[] | undefined): string {
  return typeof header === 'string' && /^[A-Za-z0-9._:-]{1,100}$/.test(header) ? header : randomUUID()
}
