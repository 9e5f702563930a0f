import { z } from 'zod'
import { parseJson } from '@crossfade/runtime/safe-json'

/** A no of the control plane, as far as it can be read. */
export interface Refusal {
  readonly status: number
  /** Of the problem document (RFC 9457); null for an answer that is none of ours. */
  readonly code: string | null
  readonly detail: string | null
  /** The other side's clock when it answered (`Date`, RFC 9110 section 6.6.1); ms, null without. */
  readonly at: number | null
}

const problemSchema = z.object({ code: z.string().max(100), detail: z.string().max(2_000).optional() })

export function refusalOf(status: number, date: string | undefined, body: string): Refusal {
  const at = date === undefined ? NaN : Date.parse(date)
  const problem = problemIn(body)
  return {
    status,
    code: problem?.code ?? null,
    detail: problem?.detail ?? null,
    at: Number.isNaN(at) ? null : at,
  }
}

export function sentenceOf({ status, detail }: Refusal): string {
  return detail === null ? `The control plane answered ${status}` : detail
}

function problemIn(body: string): z.infer<typeof problemSchema> | null {
  try {
    return problemSchema.safeParse(parseJson(body)).data ?? null
  } catch {
    return null
  }
}
