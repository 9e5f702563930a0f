import { Badge, Tooltip, UnstyledButton } from '@mantine/core'
import { useNow } from '../../shared/clock.tsx'
import { clockText } from '../../shared/format.ts'
import { useFreshness, useLive, useRetryLive } from './live-provider.tsx'

/** Live, Reconnecting or Offline; press to try at once. */
export function ConnectionPill() {
  const connection = useLive((state) => state.connection)
  const freshness = useFreshness()
  const retry = useRetryLive()
  const now = useNow(1000)
  const wait = 'retryAt' in connection ? Math.max(0, Math.ceil((connection.retryAt - now) / 1000)) : 0
  const [color, word, hint] = ((): [string, string, string] => {
    switch (connection.kind) {
      case 'connecting':
        return ['gray', 'Connecting', 'Waiting for the live feed']
      case 'reconnecting':
        return ['yellow', wait > 0 ? `Reconnecting in ${wait} s` : 'Reconnecting', 'Press to try now']
      case 'offline':
        return ['red', `Offline since ${clockText(connection.since)}`, 'Press to try now']
      case 'live':
        return freshness.kind === 'stale'
          ? [
              'yellow',
              `No news for ${freshness.seconds ?? 0} s`,
              'Connected, but nothing arrives. Press to reconnect',
            ]
          : ['teal', 'Live', 'Numbers and changes arrive as they happen']
    }
  })()
  return (
    <Tooltip label={hint} withArrow>
      <UnstyledButton onClick={retry} aria-label={`Connection: ${word}. ${hint}`} data-testid="connection">
        <Badge
          variant="dot"
          color={color}
          size="lg"
          tt="none"
          fw={500}
          style={{ cursor: 'pointer', flexShrink: 0 }}
        >
          {word}
        </Badge>
      </UnstyledButton>
    </Tooltip>
  )
}
