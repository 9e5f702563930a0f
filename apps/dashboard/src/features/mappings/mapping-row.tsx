import { Badge, Group, Table, Text } from '@mantine/core'
import { IconStack2 } from '@tabler/icons-react'
import { rateText } from '../../shared/format.ts'
import { HealthDot } from '../../shared/ui/health-dot.tsx'
import { AnchorLink } from '../../shared/ui/links.tsx'
import { MatchText } from '../../shared/ui/match-text.tsx'
import { RelativeTime } from '../../shared/ui/relative-time.tsx'
import { ShareBar } from '../../shared/ui/share-bar.tsx'
import { SparkPair } from '../../shared/ui/sparkline.tsx'
import { compare, lineOf, metrics, sentenceOf, settled, type Metric } from './chart-data.ts'
import { groupOf } from './filter-mappings.ts'
import classes from './mappings-table.module.css'
import { overviewMinutes, type MappingRowData } from './use-mapping-rows.ts'

export function MappingRow(props: { row: MappingRowData; resolution: number; at: number; isStale: boolean }) {
  const { mapping, percent, measured, health, recent } = props.row
  const group = groupOf(mapping)
  const total = measured.legacy.perSecond + measured.new.perSecond
  const stale = props.isStale ? 'cf-stale' : undefined
  const history = settled({ resolution: props.resolution, ...recent }, props.at)
  return (
    <Table.Tr>
      <Table.Td>
        <AnchorLink
          to="/mappings/$id"
          params={{ id: mapping.id }}
          fw={600}
          lineClamp={2}
          title={mapping.name}
          style={{ overflowWrap: 'anywhere' }}
        >
          {mapping.name}
        </AnchorLink>
        <Group gap={6} wrap="nowrap" style={{ minWidth: 0 }}>
          {mapping.owner !== '' && (
            <Text size="xs" c="dimmed" truncate title={mapping.owner}>
              {mapping.owner}
            </Text>
          )}
          {group !== null && (
            <Badge size="xs" variant="light" tt="none" leftSection={<IconStack2 size={10} aria-hidden />}>
              {group.name}
            </Badge>
          )}
        </Group>
      </Table.Td>
      <Table.Td className={classes.match}>
        <MatchText match={mapping.match} />
      </Table.Td>
      <Table.Td>
        <ShareBar percent={percent} measured={measured.percent} />
      </Table.Td>
      <Table.Td className={stale}>
        <Spark history={history} metric={metrics.p95} at={props.at} />
      </Table.Td>
      <Table.Td className={stale}>
        <Spark history={history} metric={metrics.errors} at={props.at} />
      </Table.Td>
      <Table.Td ta="right" className={stale} style={{ fontVariantNumeric: 'tabular-nums' }}>
        {measured.at === null ? '–' : rateText(total)}
      </Table.Td>
      <Table.Td>
        <Group gap={6} wrap="nowrap">
          <HealthDot health={health.legacy.health} words={`Legacy: ${health.legacy.words}`} />
          <HealthDot health={health.new.health} words={`New: ${health.new.words}`} />
        </Group>
      </Table.Td>
      <Table.Td>
        {mapping.lastChange === null ? (
          '–'
        ) : (
          <Text size="xs" c="dimmed" component="div">
            <RelativeTime at={mapping.lastChange.at} />
            <Text inherit truncate title={mapping.lastChange.actor}>
              {mapping.lastChange.actor}
            </Text>
          </Text>
        )}
      </Table.Td>
    </Table.Tr>
  )
}

function Spark(props: { history: Parameters<typeof compare>[0]; metric: Metric; at: number }) {
  const { history, metric, at } = props
  if (history.legacy.length === 0 && history.new.length === 0) {
    return (
      <Text size="sm" c="dimmed" title={`No numbers in the last ${overviewMinutes} min`}>
        –
      </Text>
    )
  }
  return (
    <SparkPair
      legacy={lineOf(history.legacy, history.resolution, metric)}
      fresh={lineOf(history.new, history.resolution, metric)}
      from={at - overviewMinutes * 60_000}
      to={at}
      atLeast={metric.atLeast}
      words={sentenceOf(compare(history, metric), `${overviewMinutes} min`)}
    />
  )
}
