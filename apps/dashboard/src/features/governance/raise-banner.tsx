import { Alert, Group, Text } from '@mantine/core'
import { IconHandStop, IconSnowflake } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useEnvironmentId } from '../../shared/environment.ts'
import { AnchorLink } from '../../shared/ui/links.tsx'
import { RelativeTime } from '../../shared/ui/relative-time.tsx'
import { governanceQuery } from './governance-queries.ts'
import { blockWords } from './use-raise-block.ts'

/** On every page while raises are blocked: who, why, until when. */
export function RaiseBanner() {
  const { data } = useQuery(governanceQuery(useEnvironmentId()))
  const words = data === undefined ? null : blockWords(data)
  if (data === undefined || words === null) return null
  const { stopped } = data
  return (
    <Alert
      role="status"
      variant="light"
      color={stopped === null ? 'blue' : 'orange'}
      mb="lg"
      icon={stopped === null ? <IconSnowflake aria-hidden /> : <IconHandStop aria-hidden />}
      title={stopped === null ? 'Raises are frozen' : 'The line is stopped'}
    >
      <Group justify="space-between" gap="sm">
        <Text size="sm">
          {words}
          {stopped !== null && (
            <>
              {' '}
              Since <RelativeTime at={stopped.at} />.
            </>
          )}
        </Text>
        <AnchorLink to="/calendar" size="sm" c="inherit" underline="always">
          To the calendar
        </AnchorLink>
      </Group>
    </Alert>
  )
}
