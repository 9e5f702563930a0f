import type { Command } from 'commander'
import { z } from 'zod'
import { apiClient } from '../api-client.ts'
import { localEndpoint } from '../credentials.ts'
import type { World } from '../world.ts'

/** What only somebody with access to the control plane's data directory may do. */
export function adminCommands(program: Command, world: World): void {
  program
    .command('admin')
    .description('for whoever has access to the data directory of a running control plane')
    .command('link')
    .description('print a new one-time link: for the first administrator, or to sign in as one')
    .option('--data-dir <folder>', 'data directory (CROSSFADE_DATA_DIR)')
    .action(async ({ dataDir }: { dataDir?: string }) => {
      const folder = dataDir ?? world.env['CROSSFADE_DATA_DIR'] ?? '.crossfade'
      const api = apiClient(localEndpoint(folder))
      const { link } = await api.call('POST', '/api/v1/local/link', z.object({ link: z.string() }), {
        body: {},
      })
      world.out(link)
    })
}
