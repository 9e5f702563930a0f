import { createHash } from 'node:crypto'
import type { z } from 'zod'
import type { Explanation, explainInputSchema } from '@crossfade/contracts/api/preview'
import { explainRequest } from '@crossfade/core/explain-request'
import type { Snapshot } from '@crossfade/core/model'
import { compileSnapshot } from '@crossfade/core/routing-table'

/** What an agent that runs this snapshot would do with a request. */
export function explainIn(snapshot: Snapshot, input: z.output<typeof explainInputSchema>): Explanation {
  return explainRequest(compileSnapshot(snapshot), input, (key) =>
    createHash('sha256').update(key, 'latin1').digest('hex'),
  )
}
