import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import { z } from 'zod'
import { auditVerificationSchema, changeSchema } from '@crossfade/contracts/api/changes'
import { pageOf } from '@crossfade/contracts/api/common'
import { apiClient } from '../api-client.ts'
import { endpointOf } from '../credentials.ts'
import { render, renderOne } from '../output.ts'
import { commonOptions } from '../options.ts'
import { CommandError, type World } from '../world.ts'

interface VerifyOptions {
  readonly checkpoint: readonly string[]
  readonly agent: readonly string[]
  readonly agentToken?: string
}

const severalOf = (value: string, before: readonly string[]) => [...before, value]

/** `audit tail` and `audit verify` (rule 23). */
export function auditCommands(program: Command, world: World): void {
  const audit = program.command('audit').description('the audit trail')
  const connect = (command: Command) => {
    const common = commonOptions(command)
    return { api: apiClient(endpointOf(world, common)), output: common.output }
  }

  audit
    .command('tail')
    .description('the newest changes')
    .option('-n, --lines <count>', 'how many', '20')
    .action(async ({ lines }: { lines: string }, command: Command) => {
      const { api, output } = connect(command)
      const path = `/api/v1/changes?limit=${encodeURIComponent(lines)}`
      const page = await api.call('GET', path, pageOf(changeSchema))
      world.out(
        render(output, page.items.toReversed(), {
          at: (change) => change.at,
          who: (change) => change.actor.name,
          act: (change) => change.act,
          what: (change) => change.object.name,
          reason: (change) => change.reason ?? '',
        }),
      )
    })

  audit
    .command('verify')
    .description('read the whole trail and name the first bad row; ends with 1 when there is one')
    .option('--checkpoint <file>', 'a signed end of the trail kept elsewhere (repeatable)', severalOf, [])
    .option('--agent <url>', 'ask an agent what it saw: its admin address (repeatable)', severalOf, [])
    .option('--agent-token <token>', "the agents' admin token (CROSSFADE_ADMIN_TOKEN)")
    .action(async (options: VerifyOptions, command: Command) => {
      const { api, output } = connect(command)
      const checkpoints = [
        ...options.checkpoint.map(readCheckpoint),
        ...(await Promise.all(options.agent.map((url) => seenBy(world, url, options.agentToken)))),
      ]
      const found = await api.call('POST', '/api/v1/changes/verification', auditVerificationSchema, {
        body: { checkpoints: checkpoints.filter((text) => text !== null) },
      })
      const { finding } = found
      const what =
        finding === null
          ? `The audit trail is intact: ${found.rows} rows up to ${found.last}, ${found.witnesses} witnesses agree`
          : `Row ${finding.seq} is ${finding.kind}: ${finding.detail}`
      world.out(renderOne(output, found, what))
      if (finding !== null) throw new CommandError('The audit trail was tampered with')
    })
}

function readCheckpoint(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (error) {
    throw new CommandError(`${file} cannot be read: ${(error as Error).message}`)
  }
}

async function seenBy(world: World, url: string, token: string | undefined): Promise<string | null> {
  const agent = apiClient({ kind: 'url', url, token: token ?? world.env['CROSSFADE_ADMIN_TOKEN'] ?? null })
  const answer = z.object({ checkpoint: z.string().nullable() })
  return (await agent.call('GET', '/audit-checkpoint', answer)).checkpoint
}
