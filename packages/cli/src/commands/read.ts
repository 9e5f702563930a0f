import type { Command } from 'commander'
import { agentViewSchema } from '@crossfade/contracts/api/agents'
import { mappingViewSchema, type MappingView } from '@crossfade/contracts/api/mappings'
import { explanationSchema } from '@crossfade/contracts/api/preview'
import type { PathPattern } from '@crossfade/core/model'
import { apiClient } from '../api-client.ts'
import { endpointOf } from '../credentials.ts'
import { render, renderOne } from '../output.ts'
import { commonOptions } from '../options.ts'
import type { World } from '../world.ts'
import { findRamped, listAll } from './find.ts'

/** Commands that only look: `mapping`, `agents`, `explain`. */
export function readCommands(program: Command, world: World): void {
  const connect = (command: Command) => {
    const common = commonOptions(command)
    return { api: apiClient(endpointOf(world, common)), output: common.output }
  }

  const mapping = program.command('mapping').description('mappings of an environment')
  mapping
    .command('list')
    .option('-e, --environment <id>', 'environment', 'default')
    .action(async ({ environment }: { environment: string }, command: Command) => {
      const { api, output } = connect(command)
      const path = `/api/v1/mappings?environmentId=${encodeURIComponent(environment)}`
      world.out(render(output, await listAll(api, path, mappingViewSchema), mappingColumns))
    })
  mapping
    .command('show <name>')
    .option('-e, --environment <id>', 'environment', 'default')
    .action(async (name: string, { environment }: { environment: string }, command: Command) => {
      const { api, output } = connect(command)
      const { view } = await findRamped(api, environment, name)
      world.out(renderOne(output === 'table' ? 'yaml' : output, view, ''))
    })

  program
    .command('agents')
    .description('what every agent really runs')
    .option('-e, --environment <id>', 'environment', 'default')
    .action(async ({ environment }: { environment: string }, command: Command) => {
      const { api, output } = connect(command)
      const path = `/api/v1/agents?environmentId=${encodeURIComponent(environment)}`
      world.out(
        render(output, await listAll(api, path, agentViewSchema), {
          name: (agent) => agent.name,
          state: (agent) => agent.state,
          revision: (agent) => `${agent.running?.revision ?? '-'} of ${agent.expected.revision}`,
          'requests/s': (agent) => agent.requestsPerSecond?.toFixed(1) ?? '-',
          'last seen': (agent) => agent.lastSeenAt ?? 'never',
        }),
      )
    })

  program
    .command('explain <url>')
    .description('which mapping, side and reason a request would get')
    .option('-e, --environment <id>', 'environment', 'default')
    .option('-X, --method <method>', 'method', 'GET')
    .option('-H, --header <name:value...>', 'request header')
    .action(
      async (
        url: string,
        options: { environment: string; method: string; header?: string[] },
        command: Command,
      ) => {
        const { api, output } = connect(command)
        const headers = Object.fromEntries((options.header ?? []).map(splitHeader))
        const body = { environmentId: options.environment, method: options.method, url, headers }
        const explanation = await api.call('POST', '/api/v1/explain', explanationSchema, { body })
        world.out(renderOne(output, explanation, explanation.because))
      },
    )
}

const mappingColumns = {
  name: (mapping: MappingView) => mapping.name,
  match: ({ match }: MappingView) =>
    [match.methods.join(',') || 'any', match.host ?? '*', patternText(match.path)].join(' '),
  new: (mapping: MappingView) => `${mapping.split.percent} %`,
  group: (mapping: MappingView) => (mapping.split.kind === 'group' ? mapping.split.groupName : ''),
  id: (mapping: MappingView) => mapping.id,
}

function patternText(path: PathPattern): string {
  switch (path.kind) {
    case 'exact':
      return path.path
    case 'prefix':
      return `${path.path} (prefix)`
    case 'template':
      return path.template
    case 'regex':
      return `~ ${path.pattern}`
  }
}

function splitHeader(text: string): [string, string] {
  const cut = text.indexOf(':')
  return cut < 0 ? [text, ''] : [text.slice(0, cut).trim(), text.slice(cut + 1).trim()]
}
