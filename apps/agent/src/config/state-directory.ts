import { lockDirectory } from '@crossfade/runtime/directory-lock'
import type { Part } from '@crossfade/runtime/lifecycle'

/** The state directory, for this process alone: two agents would take each other's snapshots for their own. */
export function stateDirectory(folder: string): Part {
  let unlock = () => {}
  return {
    name: 'state directory',
    async start() {
      unlock = lockDirectory(folder, 'agent.lock')
    },
    async stop() {
      unlock()
    },
  }
}
