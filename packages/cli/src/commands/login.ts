import type { Command } from 'commander'
import { accessText } from '@crossfade/contracts/access-text'
import { meSchema } from '@crossfade/contracts/api/people'
import { apiClient } from '../api-client.ts'
import { saveCredentials } from '../credentials.ts'
import { commonOptions } from '../options.ts'
import { CommandError, type World } from '../world.ts'

/** Checks a token and keeps it, mode 0600. The token comes on standard input so that it is in no history. */
export function loginCommand(program: Command, world: World): void {
  program
    .command('login')
    .description('keep an API token (read from standard input) for later commands')
    .action(async (_options, command: Command) => {
      const { url = world.env['CROSSFADE_URL'], token = world.env['CROSSFADE_TOKEN'] } =
        commonOptions(command)
      if (url === undefined) throw new CommandError('Say where: --url or CROSSFADE_URL')
      const secret = token ?? (await world.readStdin()).trim()
      const me = await apiClient({ kind: 'url', url, token: secret }).call('GET', '/api/v1/session', meSchema)
      const file = saveCredentials(world, url, secret)
      world.out(`Signed in to ${url} as ${me.name} (${accessText(me.access)}); kept in ${file}`)
    })
}
