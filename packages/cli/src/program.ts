import { Command, Option } from 'commander'
import { adminCommands } from './commands/admin.ts'
import { agentTokenCommands } from './commands/agent-token.ts'
import { doctorCommand } from './commands/doctor.ts'
import { auditCommands } from './commands/audit.ts'
import { loginCommand } from './commands/login.ts'
import { readCommands } from './commands/read.ts'
import { rollbackCommand } from './commands/rollback.ts'
import { runCommands } from './commands/run.ts'
import { shareCommands } from './commands/share.ts'
import { formats } from './output.ts'
import type { World } from './world.ts'

/** The `crossfade` command. Exit codes: 0 ok, 1 error, 2 usage. */
export function buildProgram(world: World, version: string): Command {
  const program = new Command('crossfade')
    .description('Moves live HTTP traffic from an old service to its replacement, a fraction at a time.')
    .version(version)
    .option('--url <address>', 'control plane (CROSSFADE_URL)')
    .option('--token <token>', 'API token (CROSSFADE_TOKEN)')
    .addOption(new Option('-o, --output <format>', 'how to print').choices(formats).default('table'))
    .showHelpAfterError()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => world.out(text.trimEnd()),
      writeErr: (text) => world.err(text.trimEnd()),
    })
    .addHelpText(
      'after',
      `
Examples:
  crossfade login --url http://127.0.0.1:4400 < token.txt
  crossfade share set checkout 25 --reason "first quarter"
  crossfade rollback checkout
  crossfade rollback --agent http://127.0.0.1:9901 checkout     without any control plane`,
    )
  for (const add of [
    loginCommand,
    readCommands,
    auditCommands,
    shareCommands,
    rollbackCommand,
    agentTokenCommands,
    adminCommands,
    doctorCommand,
    runCommands,
  ]) {
    add(program, world)
  }
  return program
}
