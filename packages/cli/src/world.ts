/** What the command line sees of the outside: `main.ts` brings the real one, tests a made-up one. */
export interface World {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly out: (text: string) => void
  readonly err: (text: string) => void
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly nodeVersion: string
  readonly readStdin: () => Promise<string>
  /** Where credentials are kept: `$XDG_CONFIG_HOME/crossfade`. */
  readonly configDir: string
  /** Runs one of our programs in the foreground and answers its exit code. */
  readonly runProgram: (name: 'control-plane' | 'agent', args: readonly string[]) => Promise<number>
}

/** Ends a command with exit code 1 and this one line. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
}
