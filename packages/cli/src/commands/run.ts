import type { Command } from 'commander'
import { CommandError, type World } from '../world.ts'

/** The two long-running programs, in the foreground; all their settings come from the environment. */
export function runCommands(program: Command, world: World): void {
  for (const [name, what] of [
    ['control-plane', 'run the control plane (settings: docs/configuration.md)'],
    ['agent', 'run an agent (settings: docs/configuration.md)'],
  ] as const) {
    program
      .command(name)
      .description(what)
      .action(async () => {
        const code = await world.runProgram(name, [])
        if (code !== 0) throw new CommandError(`${name} ended with ${code}`)
      })
  }
}
