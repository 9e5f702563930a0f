import type { Command } from 'commander'
import { shareResultSchema } from '@crossfade/contracts/api/mappings'
import { percentSchema } from '@crossfade/contracts/percent'
import { apiClient } from '../api-client.ts'
import { endpointOf } from '../credentials.ts'
import { renderOne } from '../output.ts'
import { commonOptions } from '../options.ts'
import { CommandError, type World } from '../world.ts'
import { findRamped } from './find.ts'

/** `crossfade share set NAME PERCENT`: names the version it saw, so it never overwrites somebody else's change. */
export function shareCommands(program: Command, world: World): void {
  program
    .command('share')
    .description('the part of traffic that goes to the new service')
    .command('set <name> <percent>')
    .description('set the share of a mapping or group, 0 to 100 with at most two decimals')
    .option('-e, --environment <id>', 'environment', 'default')
    .option('-r, --reason <text>', 'for the audit trail')
    .action(
      async (
        name: string,
        text: string,
        options: { environment: string; reason?: string },
        command: Command,
      ) => {
        const percent = percentSchema.safeParse(text.trim() === '' ? Number.NaN : Number(text))
        if (!percent.success)
          throw new CommandError(`${text} is not a percentage from 0 to 100 with at most two decimals`)
        const common = commonOptions(command)
        const api = apiClient(endpointOf(world, common))
        const { kind, view } = await findRamped(api, options.environment, name)
        const result = await api.call('PUT', `/api/v1/${kind}s/${view.id}/share`, shareResultSchema, {
          ifMatch: view.shareVersion,
          body: { percent: percent.data, ...(options.reason !== undefined && { reason: options.reason }) },
        })
        const sentence = `${result.name}: ${result.percentBefore} % → ${result.percent} % new, accepted as revision ${result.revision}`
        world.out(renderOne(common.output, result, sentence))
      },
    )
}
