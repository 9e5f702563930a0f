import type { MappingView } from '@crossfade/contracts/api/mappings'
import { Grid, Group, Paper, Stack, Table, Text, Title, VisuallyHidden } from '@mantine/core'
import { IconArrowDownRight, IconArrowUpRight, IconEqual } from '@tabler/icons-react'
import { ProblemNotice } from '../../shared/ui/problem-notice.tsx'
import { StaleVeil } from '../live/stale-veil.tsx'
import { ChartCard } from './chart-card.tsx'
import { compare, metrics, spans, type Comparison } from './chart-data.ts'
import { ClientsTable } from './clients-table.tsx'
import { PathsTable } from './paths-table.tsx'
import { RangeControl, useRange } from './range-control.tsx'
import { useHistory } from './use-history.ts'
import { usePaths } from './use-paths.ts'

const shown = [metrics.p50, metrics.p95, metrics.p99, metrics.errors, metrics.clientErrors, metrics.requests]

/** Legacy and new over the same minutes, metric by metric. */
export function CompareTab({ mapping }: { mapping: MappingView }) {
  const range = useRange()
  const now = useHistory(mapping.id, range)
  return (
    <Stack gap="md">
      <Group justify="space-between">
        <Text size="sm" c="dimmed">
          The last {spans[range].words}. Latencies are medians over windows of {now.wide.resolution} s; only
          split traffic is compared, not what segments or callers forced.
        </Text>
        <RangeControl />
      </Group>
      {now.error !== null && <ProblemNotice error={now.error} title="No numbers" onRetry={now.retry} />}
      <StaleVeil>
        <Paper withBorder px="md" py="xs">
          <Table.ScrollContainer minWidth={560}>
            <Table>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>Metric</Table.Th>
                  <Table.Th ta="right">Legacy</Table.Th>
                  <Table.Th ta="right">New</Table.Th>
                  <Table.Th>New is</Table.Th>
                  <Table.Th>Confidence</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody style={{ fontVariantNumeric: 'tabular-nums' }}>
                {shown.map((metric) => (
                  <Row key={metric.key} comparison={compare(now.history, metric, now.wide)} />
                ))}
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
        </Paper>
        <VisuallyHidden>
          <h2>Charts</h2>
        </VisuallyHidden>
        <Grid gap="md" mt="md">
          {shown.map((metric) => (
            <Grid.Col key={metric.key} span={{ base: 12, sm: 6, xl: 4 }}>
              <ChartCard metric={metric} now={now} range={range} height={160} />
            </Grid.Col>
          ))}
        </Grid>
      </StaleVeil>
      <ClientsTable mappingId={mapping.id} />
      <PathsInside mapping={mapping} />
    </Stack>
  )
}

/** Under one prefix or regex live many endpoints; the busiest may deserve a mapping of their own. */
function PathsInside({ mapping }: { mapping: MappingView }) {
  const { kind } = mapping.match.path
  const { data } = usePaths({ mappingId: mapping.id })
  if ((kind !== 'prefix' && kind !== 'regex') || data === undefined || data.paths.length === 0) return null
  return (
    <Paper withBorder px="md" py="sm" component="section" aria-labelledby="inside-heading">
      <Title order={2} size="h4" id="inside-heading">
        Busiest paths inside
      </Title>
      <PathsTable paths={data.paths} action={null} />
    </Paper>
  )
}

function Row({ comparison }: { comparison: Comparison }) {
  const { metric, legacy, new: fresh, difference, confidence, verdict } = comparison
  const value = (of: number | null) => (of === null ? '–' : metric.format(of))
  const color = { better: 'var(--cf-good)', worse: 'var(--cf-bad)', none: 'var(--mantine-color-dimmed)' }[
    verdict
  ]
  const Arrow =
    difference === 'the same'
      ? IconEqual
      : difference?.endsWith('lower')
        ? IconArrowDownRight
        : IconArrowUpRight
  return (
    <Table.Tr>
      <Table.Td>{metric.title}</Table.Td>
      <Table.Td ta="right">{value(legacy.value)}</Table.Td>
      <Table.Td ta="right">{value(fresh.value)}</Table.Td>
      <Table.Td>
        {difference === null ? (
          '–'
        ) : (
          <Group gap={4} wrap="nowrap" c={color}>
            <Arrow size={16} aria-hidden />
            {difference}
            {verdict !== 'none' && ` (${verdict})`}
          </Group>
        )}
      </Table.Td>
      <Table.Td c="dimmed">{confidence}</Table.Td>
    </Table.Tr>
  )
}
