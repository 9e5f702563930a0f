import { z } from 'zod'
import { canonicalJson } from './canonical-json.ts'
import { parseJson } from './safe-json.ts'
import { isSignedBy, type Signer } from './seal.ts'

/**
 * Where the audit trail ended, signed (rule 23). It travels to every agent, so that whoever owns the database cannot
 * shorten or rewrite the trail without somebody having seen it. Text: `{"at","mac","seq","signature"}`.
 */
export interface Checkpoint {
  /** The last row. */
  readonly seq: number
  /** Its seal, hex. */
  readonly mac: string
  /** ISO 8601. */
  readonly at: string
}

const schema = z.strictObject({
  at: z.iso.datetime(),
  mac: z.string().regex(/^[0-9a-f]{64}$/),
  seq: z.int().min(0),
  signature: z.string().max(200),
})

export function signCheckpoint({ at, mac, seq }: Checkpoint, signer: Signer): string {
  const signature = signer.sign(canonicalJson({ at, mac, seq }))
  return canonicalJson({ at, mac, seq, signature })
}

/** Null for anything that none of the keys signed. */
export function readCheckpoint(text: string, publicKeys: readonly string[]): Checkpoint | null {
  try {
    const { signature, ...checkpoint } = schema.parse(parseJson(text))
    const bytes = canonicalJson(checkpoint)
    return publicKeys.some((key) => isSignedBy(key, bytes, signature)) ? checkpoint : null
  } catch {
    return null
  }
}
