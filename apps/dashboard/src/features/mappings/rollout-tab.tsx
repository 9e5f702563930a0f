import type { MappingView } from '@crossfade/contracts/api/mappings'
import { Grid, Group, SegmentedControl, Stack, Title } from '@mantine/core'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { ProblemNotice } from '../../shared/ui/problem-notice.tsx'
import { AnchorLink } from '../../shared/ui/links.tsx'
import { PointOfNoReturn } from '../approvals/point-of-no-return.tsx'
import { RampBanner } from '../ramps/ramp-banner.tsx'
import { StaleVeil } from '../live/stale-veil.tsx'
import { ChartCard } from './chart-card.tsx'
import { metrics } from './chart-data.ts'
import { movableMapping, targetOf } from './movable.ts'
import { NowCard } from './now-card.tsx'
import { ProtectionNote } from './protection-note.tsx'
import { UnverifiedNote } from './unverified-note.tsx'
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
    <Stack gap="md">
      <UnverifiedNote mapping={mapping} />
      <ProtectionNote mapping={mapping} />
      <RampBanner
        target={targetOf(movableMapping(mapping))}
        more={
          <AnchorLink
            to="/mappings/$id"
            params={{ id: mapping.id }}
            search={{ tab: 'ramp' }}
            size="sm"
            c="inherit"
            underline="always"
          >
            To the ramp
          </AnchorLink>
        }
      />
      <Grid gap="md">
        <Grid.Col span={{ base: 12, lg: 7 }}>
          <SharePanel movable={movableMapping(mapping)} share={share} acts={acts} />
        </Grid.Col>
        <Grid.Col span={{ base: 12, lg: 5 }}>
          <NowCard mapping={mapping} share={share} movedAt={now.markers.at(-1)?.at ?? null} />
        </Grid.Col>
      </Grid>
      <Group justify="space-between" mt="xs">
        <Title order={2} size="h4">
          Legacy against new
        </Title>
        <RangeControl />
      </Group>
      {now.error !== null && <ProblemNotice error={now.error} title="No numbers" onRetry={now.retry} />}
      <StaleVeil>
        <Grid gap="md">
          <Grid.Col span={{ base: 12, lg: 7 }}>
            <ChartCard
              title="Latency"
              metric={metrics[quantile]}
              now={now}
              range={range}
              height={364}
              controls={pickQuantile}
            />
          </Grid.Col>
          <Grid.Col span={{ base: 12, lg: 5 }}>
            <Stack gap="md">
              <ChartCard metric={metrics.errors} now={now} range={range} height={130} />
              <ChartCard metric={metrics.requests} now={now} range={range} height={130} />
            </Stack>
          </Grid.Col>
        </Grid>
      </StaleVeil>
      <PointOfNoReturn
        subject={{
          kind: 'mapping',
          id: mapping.id,
          name: mapping.name,
          version: mapping.version,
          percent: share.percent,
          pointOfNoReturn: mapping.pointOfNoReturn,
        }}
      />
      <TerminalCard mapping={mapping} percent={share.percent} />
    </Stack>
  )
}
