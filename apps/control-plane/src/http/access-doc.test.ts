import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { permissions } from '@crossfade/contracts/roles'

it('RBAC-01: docs/access.md has the table of permissions as it is', () => {
  const text = readFileSync(new URL('../../../../docs/access.md', import.meta.url), 'utf8')
  const rows = text.split('\n').filter((line) => line.startsWith('| `'))
  const table = Object.entries(permissions)
  expect(rows).toEqual(table.map(([name, { role, of }]) => `| \`${name}\` | ${role} | ${words[of]} |`))
})

const words = { environment: 'the environment', installation: 'the installation', self: 'oneself' } as const
