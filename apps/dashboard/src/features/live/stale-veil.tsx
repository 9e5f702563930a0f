import { Text } from '@mantine/core'
import type { ReactNode } from 'react'
import { useFreshness } from './live-provider.tsx'

/** Greys what nobody renewed for ten seconds and says how old it is. */
export function StaleVeil(props: { children: ReactNode }) {
  const freshness = useFreshness()
  const stale = freshness.kind !== 'fresh'
  return (
    <div>
      {stale && (
        <Text size="xs" c="dimmed" role="status">
          {freshness.kind === 'stale' && freshness.seconds !== null
            ? `Last data ${freshness.seconds} s ago`
            : 'No live data'}
        </Text>
      )}
      <div className={stale ? 'cf-stale' : undefined}>{props.children}</div>
    </div>
  )
}
