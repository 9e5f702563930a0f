import type { MappingView } from '@crossfade/contracts/api/mappings'
import { Grid, Group, SegmentedControl, Stack } from '@mantine/core'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { ProblemNotice } from '../../shared/ui/problem-notice.tsx'
import { StaleVeil } from '../live/stale-veil.tsx'
import { ChartCard } from './chart-card.tsx'
import { metrics } from './chart-data.ts'
import { NowCard } from './now-card.tsx'
import { RangeControl, useRange } from './range-control.tsx'
import { SharePanel } from './share-panel.tsx'
import { TerminalCard } from './terminal-card.tsx'
import { useHistory } from './use-history.ts'
import type { ShareActs, ShareNow } from './use-share.ts'

type Quantile = 'p50' | 'p95' | 'p99'
const quantiles: readonly Quantile[] = ['p50', 'p95', 'p99']

/** The slider, and what it does to the numbers. */
export function RolloutTab(props: { mapping: MappingView; share: ShareNow; acts: ShareActs }) {
  const { mapping, share, acts } = props
  const range = useRange()
  const now = useHistory(mapping.id, range)
  const quantile = useSearch({ from: '/frame/mappings/$id' }).quantile ?? 'p95'
  const navigate = useNavigate({ from: '/mappings/$id' })
  const pickQuantile = (
    <SegmentedControl
      size="xs"
      aria-label="Quantile"
      value={quantile}
      data={[...quantiles]}
      onChange={(value) =>
        void navigate({ search: (before) => ({ ...before, quantile: value }), replace: true })
      }
    />
  )
  return (
    <Grid gap="md">
      <Grid.Col span={{ base: 12, lg: 7 }}>
        <Stack gap="md">
          <SharePanel mapping={mapping} share={share} acts={acts} />
          <Group justify="flex-end">
            <RangeControl />
          </Group>
          {now.error !== null && <ProblemNotice error={now.error} title="No numbers" onRetry={now.retry} />}
          <StaleVeil>
            <Stack gap="md">
              <ChartCard
                title="Latency"
                metric={metrics[quantile]}
                now={now}
                range={range}
                height={200}
                controls={pickQuantile}
              />
              <Grid gap="md">
                <Grid.Col span={{ base: 12, sm: 6 }}>
                  <ChartCard metric={metrics.errors} now={now} range={range} height={150} />
                </Grid.Col>
                <Grid.Col span={{ base: 12, sm: 6 }}>
                  <ChartCard metric={metrics.requests} now={now} range={range} height={150} />
                </Grid.Col>
              </Grid>
            </Stack>
          </StaleVeil>
        </Stack>
      </Grid.Col>
      <Grid.Col span={{ base: 12, lg: 5 }}>
        <Stack gap="md">
          <NowCard mapping={mapping} share={share} movedAt={now.markers.at(-1)?.at ?? null} />
          <TerminalCard mapping={mapping} percent={share.percent} />
        </Stack>
      </Grid.Col>
    </Grid>
  )
}
