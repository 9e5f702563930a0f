import type { Command } from 'commander'
import { z } from 'zod'
import { environmentRollbackSchema } from '@crossfade/contracts/api/environments'
import { shareResultSchema } from '@crossfade/contracts/api/mappings'
import { apiClient } from '../api-client.ts'
import { endpointOf } from '../credentials.ts'
import { renderOne } from '../output.ts'
import { commonOptions } from '../options.ts'
import { CommandError, type World } from '../world.ts'
import { findRamped } from './find.ts'

interface RollbackOptions {
  readonly environment: string
  readonly reason?: string
  readonly all?: true
  readonly agent?: string
  readonly agentToken?: string
  readonly clear?: string
}

/** Share to 0, now: through the control plane, or without one on an agent's admin port (rule 19). */
export function rollbackCommand(program: Command, world: World): void {
  program
    .command('rollback [name]')
    .description('send all traffic of a mapping, a group or everything back to legacy, now')
    .option('-e, --environment <id>', 'environment', 'default')
    .option('-r, --reason <text>', 'for the audit trail')
    .option('--all', 'the kill switch: every mapping of the environment')
    .option('--agent <url>', 'on one agent, with no control plane: its admin address')
    .option('--agent-token <token>', "the agent's admin token (CROSSFADE_ADMIN_TOKEN)")
    .option('--clear <id>', 'with --agent: end an earlier emergency roll back')
    .action(async (name: string | undefined, options: RollbackOptions, command: Command) => {
      if (options.clear === undefined && (name === undefined) === (options.all === undefined)) {
        throw new CommandError('Name a mapping or group, or say --all')
      }
      const { output, ...common } = commonOptions(command)
      if (options.agent !== undefined) {
        const result = await onAgent(world, options.agent, name, options)
        return world.out(renderOne(output, result.value, result.sentence))
      }
      const api = apiClient(endpointOf(world, { ...common }))
      const body = options.reason === undefined ? {} : { reason: options.reason }
      if (name === undefined) {
        const path = `/api/v1/environments/${encodeURIComponent(options.environment)}/rollback`
        const result = await api.call('POST', path, environmentRollbackSchema, { body })
        const skipped = result.skipped.map((skip) => `\nskipped ${skip.name}: ${skip.reason}`).join('')
        return world.out(
          renderOne(
            output,
            result,
            `Rolled back ${result.rolledBack.length} at revision ${result.revision}${skipped}`,
          ),
        )
      }
      const { kind, view } = await findRamped(api, options.environment, name)
      const result = await api.call('POST', `/api/v1/${kind}s/${view.id}/rollback`, shareResultSchema, {
        body,
      })
      const what = result.changed ? `${result.percentBefore} % → 0 %` : 'was at 0 % already'
      world.out(
        renderOne(output, result, `${result.kind} ${result.name}: ${what} at revision ${result.revision}`),
      )
    })
}

async function onAgent(
  world: World,
  url: string,
  name: string | undefined,
  options: RollbackOptions,
): Promise<{ value: unknown; sentence: string }> {
  const token = options.agentToken ?? world.env['CROSSFADE_ADMIN_TOKEN'] ?? null
  const api = apiClient({ kind: 'url', url, token })
  if (options.clear !== undefined) {
    await api.call('DELETE', `/rollback/${encodeURIComponent(options.clear)}`, z.unknown())
    return { value: { cleared: options.clear }, sentence: `Cleared ${options.clear} on ${url}` }
  }
  const body = {
    ...(name === undefined ? { all: true } : { names: [name] }),
    by: world.env['USER'] ?? 'command line',
    reason: options.reason ?? '',
  }
  const answer = z.looseObject({ id: z.string() })
  const value = await api.call('POST', '/rollback', answer, { body })
  const sentence = `Rolled back ${name ?? 'everything'} on ${url} only. It stays until cleared: crossfade rollback --agent ${url} --clear ${value.id}`
  return { value, sentence }
}
