import { agentTable } from '../apps/agent/src/settings.ts'
import { controlPlaneTable } from '../apps/control-plane/src/settings.ts'
import type { SettingsTable } from '../packages/runtime/src/settings.ts'

/** docs/configuration.md, printed from the two settings tables so that it cannot be wrong. */
export function configurationPage(): string {
  return `# Configuration

Every setting is an environment variable. Each may also be given as a file, \`NAME_FILE\`, which is how secrets should come. All problems are reported at once; an unknown \`CROSSFADE_*\` name is one of them. Printed from the settings tables by \`node tools/write-docs.ts\`.

## Control plane

${rows(controlPlaneTable)}

## Agent

${rows(agentTable)}
`
}

function rows(table: SettingsTable): string {
  const lines = Object.entries(table).map(([name, { meaning, fallback, secret }]) => {
    const without = fallback === undefined ? '' : `\`${fallback}\``
    return `| \`${name}\` | ${without} | ${meaning}${secret === true ? ' (secret)' : ''} |`
  })
  return ['| name | without it | meaning |', '|---|---|---|', ...lines].join('\n')
}
