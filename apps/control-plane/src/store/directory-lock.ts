import { DirectoryInUseError, lockDirectory } from '@crossfade/runtime/directory-lock'
import { StoreOpenError } from './errors.ts'

/** Takes the data directory for this process alone: two processes on one PGlite directory silently lose rows. */
export function lockDataDirectory(directory: string): () => void {
  try {
    return lockDirectory(directory, 'store.lock')
  } catch (error) {
    if (!(error instanceof DirectoryInUseError)) throw error
    throw new StoreOpenError(
      `The data directory ${directory} is already open in another process (pid ${error.pid}). Stop that one first, or choose another CROSSFADE_DATA_DIR.`,
    )
  }
}
