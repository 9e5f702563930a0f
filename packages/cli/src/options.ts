import type { Command } from 'commander'
import type { Format } from './output.ts'

/** Options every command that talks to a control plane takes. */
export interface CommonOptions {
  readonly url?: string
  readonly token?: string
  readonly output: Format
}

export function commonOptions(command: Command): CommonOptions {
  return command.optsWithGlobals()
}
