import { ActionIcon, Group, Paper, ScrollArea, Skeleton, Table, Text, Title, Tooltip } from '@mantine/core'
import { IconChartLine, IconTable } from '@tabler/icons-react'
import { useState, type ReactNode } from 'react'
import { clockText } from '../../shared/format.ts'
import { Chart } from '../../shared/ui/chart.tsx'
import { SideBadge } from '../../shared/ui/side-badge.tsx'
import { compare, lineOf, rowsOf, sentenceOf, spans, type Comparison, type Metric } from './chart-data.ts'
import type { Range } from './mappings-search.ts'
import type { HistoryNow } from './use-history.ts'

const tableRows = 120
const timeOfDay = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' })

/** Legacy against new: the chart, its numbers in words, and the same as a table. */
export function ChartCard(props: {
  metric: Metric
  now: HistoryNow
  range: Range
  height: number
  controls?: ReactNode
  title?: string
}) {
  const [asTable, setAsTable] = useState(false)
  const { metric, now, range } = props
  const { history } = now
  const comparison = compare(history, metric, now.wide)
  const sentence = sentenceOf(comparison, spans[range].words)
  const isEmpty = history.legacy.length === 0 && history.new.length === 0
  const lines = (['legacy', 'new'] as const).map((side) => ({
    label: side,
    side,
    points: lineOf(history[side], history.resolution, metric),
  }))
  return (
    <Paper withBorder p="md" component="section" aria-label={props.title ?? metric.title}>
      <Group justify="space-between" gap="xs" mb={4} wrap="nowrap">
        <Group gap="sm">
          <Title order={3} size="h6">
            {props.title ?? metric.title}
          </Title>
          {props.controls}
        </Group>
        <Tooltip label={asTable ? 'View as chart' : 'View as table'} withArrow>
          <ActionIcon
            variant="subtle"
            color="gray"
            onClick={() => setAsTable(!asTable)}
            aria-label={asTable ? `View ${metric.title} as chart` : `View ${metric.title} as table`}
          >
            {asTable ? <IconChartLine size={16} aria-hidden /> : <IconTable size={16} aria-hidden />}
          </ActionIcon>
        </Tooltip>
      </Group>
      <Legend comparison={comparison} />
      {now.isPending ? (
        <Skeleton height={props.height} />
      ) : isEmpty ? (
        <Text c="dimmed" size="sm" ta="center" style={{ height: props.height, alignContent: 'center' }}>
          No traffic in the last {spans[range].words}
        </Text>
      ) : asTable ? (
        <Rows now={now} metric={metric} height={props.height} />
      ) : (
        <Chart
          lines={lines}
          markers={now.markers}
          from={now.from}
          to={now.to}
          format={metric.format}
          formatTime={range === '5m' ? clockText : (at) => timeOfDay.format(at)}
          atLeast={metric.atLeast}
          height={props.height}
          summary={sentence}
        />
      )}
    </Paper>
  )
}

function Legend({
  comparison: { metric, legacy, new: fresh, difference, confidence },
}: {
  comparison: Comparison
}) {
  const value = (of: number | null) => (of === null ? '–' : metric.format(of))
  return (
    <Group gap="md" mb={6}>
      <SideBadge side="legacy" label={`legacy ${value(legacy.value)}`} />
      <SideBadge side="new" label={`new ${value(fresh.value)}`} />
      {difference !== null && (
        <Text size="xs" c="dimmed">
          {confidence === 'enough data' ? `new is ${difference}` : confidence}
        </Text>
      )}
    </Group>
  )
}

function Rows({ now, metric, height }: { now: HistoryNow; metric: Metric; height: number }) {
  const value = (of: number | null) => (of === null ? '–' : metric.format(of))
  return (
    <ScrollArea h={height} viewportProps={{ tabIndex: 0, 'aria-label': `${metric.title} as table` }}>
      <Table fz="xs" verticalSpacing={2} stickyHeader>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Time</Table.Th>
            <Table.Th ta="right">Legacy</Table.Th>
            <Table.Th ta="right">New</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rowsOf(now.history, metric, tableRows).map((row) => (
            <Table.Tr key={row.at}>
              <Table.Td>{clockText(row.at)}</Table.Td>
              <Table.Td ta="right">{value(row.legacy)}</Table.Td>
              <Table.Td ta="right">{value(row.new)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </ScrollArea>
  )
}
