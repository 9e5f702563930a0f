import type { Command } from 'commander'
import { endpointOf, localEndpoint } from '../credentials.ts'
import { examine } from '../doctor/examine.ts'
import type { Report } from '../doctor/report.ts'
import { commonOptions } from '../options.ts'
import { render, renderOne } from '../output.ts'
import { CommandError, type World } from '../world.ts'

interface DoctorOptions {
  readonly dataDir?: string
  readonly agent?: string[]
}

/** Looks at everything and says what is wrong; its output holds no secret and may be sent to anybody. */
export function doctorCommand(program: Command, world: World): void {
  program
    .command('doctor')
    .description('check addresses, versions, clocks, readiness and agents; safe to send to whoever helps you')
    .option('--data-dir <folder>', 'ask the control plane of this data directory, over its local socket')
    .option('--agent <url...>', 'also look at agents, by their admin address')
    .action(async ({ dataDir, agent = [] }: DoctorOptions, command: Command) => {
      const { output, ...common } = commonOptions(command)
      const endpoint = dataDir === undefined ? endpointOf(world, common) : localEndpoint(dataDir)
      const report = await examine(world, endpoint, agent)
      world.out(renderOne(output, report, asText(report)))
      const failed = report.findings.filter(({ state }) => state === 'failed').length
      if (failed > 0) throw new CommandError(`${failed} of ${report.findings.length} checks failed`)
    })
}

function asText({ findings, agents, settings, notes }: Report): string {
  const parts = [
    render('table', findings, {
      state: ({ state }) => state,
      check: ({ name }) => name,
      finding: ({ says }) => says,
    }),
  ]
  if (agents.length > 0) {
    parts.push(
      render('table', agents, {
        environment: ({ environment }) => environment,
        agent: ({ name }) => name,
        state: ({ state }) => state,
        revision: ({ revision, expected }) => `${revision ?? '-'} of ${expected}`,
        version: ({ version }) => version ?? '-',
      }),
    )
  }
  const set = Object.entries(settings)
  if (set.length > 0) {
    parts.push(render('table', set, { setting: ([name]) => name, value: ([, value]) => value }))
  }
  return [...parts, ...notes].join('\n\n')
}
