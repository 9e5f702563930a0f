import type { Command } from 'commander'
import { agentTokenCreatedSchema } from '@crossfade/contracts/api/agents'
import { apiClient } from '../api-client.ts'
import { endpointOf, localEndpoint } from '../credentials.ts'
import { commonOptions } from '../options.ts'
import { renderOne } from '../output.ts'
import type { World } from '../world.ts'

interface Options {
  readonly environment: string
  readonly fleet?: boolean
  readonly dataDir?: string
}

/** `crossfade agent-token create NAME`: the token alone on standard output, so that it can go into a file. */
export function agentTokenCommands(program: Command, world: World): void {
  program
    .command('agent-token')
    .description('what agents join with')
    .command('create <name>')
    .description('print a token with which one agent joins within 24 hours')
    .option('-e, --environment <id>', 'environment', 'default')
    .option('--fleet', 'for any number of agents, until it is revoked: whoever reads it can add one')
    .option('--data-dir <folder>', 'ask the control plane of this data directory, as its administrator')
    .action(async (name: string, options: Options, command: Command) => {
      const { environment: environmentId, fleet = false, dataDir } = options
      const common = commonOptions(command)
      const api = apiClient(dataDir === undefined ? endpointOf(world, common) : localEndpoint(dataDir))
      const created = await api.call('POST', '/api/v1/agent-tokens', agentTokenCreatedSchema, {
        body: { name, environmentId, uses: fleet ? 'many' : 'once' },
      })
      world.out(renderOne(common.output, created, created.token))
    })
}
