import type { EnvironmentRollback } from '@crossfade/contracts/api/environments'
import type { ShareResult } from '@crossfade/contracts/api/mappings'
import type { Author } from '../store/author.ts'

/** Rule 19: to the agents at once, into the database when it answers, into the journal when it does not. */
export interface RollBack {
  mapping(author: Author, id: string, options: { reason?: string | undefined }): Promise<ShareResult>
  group(author: Author, id: string, options: { reason?: string | undefined }): Promise<ShareResult>
  environment(
    author: Author,
    id: string,
    options: { reason?: string | undefined },
  ): Promise<EnvironmentRollback>
}
