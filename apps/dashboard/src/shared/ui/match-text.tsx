import type { Match } from '@crossfade/core/model'
import { Code, Group, Text } from '@mantine/core'

/** `/v2/books/:id`, `/cart/…` for a prefix, `~ ^/x` for a regex. */
export function pathOf(match: Match): string {
  switch (match.path.kind) {
    case 'exact':
      return match.path.path
    case 'prefix':
      return match.path.path === '/' ? '/…' : `${match.path.path}/…`
    case 'template':
      return match.path.template
    case 'regex':
      return `~ ${match.path.pattern}`
  }
}

/** `GET, POST api.example.com/v2/books/:id` */
export function matchText(match: Match): string {
  const methods = match.methods.length === 0 ? 'any method' : match.methods.join(', ')
  return `${methods} ${match.host ?? ''}${pathOf(match)}`
}

export function MatchText(props: { match: Match }) {
  const { methods, host } = props.match
  return (
    <Group gap={6} wrap="nowrap" style={{ minWidth: 0 }}>
      <Text span size="xs" fw={600} c="dimmed" style={{ whiteSpace: 'nowrap' }}>
        {methods.length === 0 ? 'ANY' : methods.join(' ')}
      </Text>
      <Code
        style={{ overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' }}
        title={matchText(props.match)}
      >
        {host}
        {pathOf(props.match)}
      </Code>
    </Group>
  )
}
