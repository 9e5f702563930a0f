import type { MappingView } from '@crossfade/contracts/api/mappings'
import { Alert, Group, Paper, Stack, Table, Text, Title } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import { useNow } from '../../shared/clock.tsx'
import { countText, durationText, percentText, rateText, ratioText } from '../../shared/format.ts'
import { SideBadge } from '../../shared/ui/side-badge.tsx'
import { measuredOf, sidesOf } from '../live/measured.ts'
import { useLive } from '../live/live-provider.tsx'
import { StaleVeil } from '../live/stale-veil.tsx'
import { sidesByMethod } from './draft-words.ts'
import { checkSplit } from './split-check.ts'
import type { ShareNow } from './use-share.ts'

/** A change needs a moment to reach every agent before the split is judged by it. */
const settleMs = 3_000

/** The last minute in numbers, each with how many and how fresh; and who answers which method. */
export function NowCard({
  mapping,
  share,
  movedAt,
}: {
  mapping: MappingView
  share: ShareNow
  movedAt: number | null
}) {
  const numbers = useLive((state) => state.view?.numbers ?? none)
  const skewMs = useLive((state) => state.skewMs)
  const serverNow = useNow(1000) + skewMs
  const minute = measuredOf(numbers, [mapping.id], 60)
  const since = movedAt === null ? undefined : movedAt + settleMs
  const judged = measuredOf(numbers, [mapping.id], 60, since)
  const check = checkSplit(
    share.percent,
    { percent: judged.percent, requests: judged.legacy.requests + judged.new.requests },
    mapping.split.identity,
  )
  const age = minute.at === null ? null : Math.max(0, Math.round((serverNow - minute.at) / 1000))
  return (
    <Paper withBorder p="lg" h="100%" component="section" aria-labelledby="now-heading">
      <Group justify="space-between" mb="xs">
        <Title order={2} size="h4" id="now-heading">
          Last minute
        </Title>
        <Text size="xs" c="dimmed">
          {age === null ? 'no numbers yet' : age < 2 ? 'just now' : `${age} s ago`}
        </Text>
      </Group>
      <StaleVeil>
        <Table.ScrollContainer minWidth={290} type="native">
          <Table verticalSpacing={6} horizontalSpacing={6}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Side</Table.Th>
                <Table.Th ta="right">Requests</Table.Th>
                <Table.Th ta="right" title="Median of the single seconds' p95, weighted by requests">
                  p95 of a second
                </Table.Th>
                <Table.Th ta="right">Errors</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody style={{ fontVariantNumeric: 'tabular-nums' }}>
              {sidesOf(minute).map((one) => (
                <Table.Tr key={one.side}>
                  <Table.Td>
                    <SideBadge side={one.side} />
                  </Table.Td>
                  <Table.Td ta="right">
                    {countText(one.requests)}
                    <Text span size="xs" c="dimmed">
                      {' '}
                      ({rateText(one.perSecond)}/s)
                    </Text>
                  </Table.Td>
                  <Table.Td ta="right">{one.p95 === null ? '–' : durationText(one.p95)}</Table.Td>
                  <Table.Td ta="right">{one.errorRatio === null ? '–' : ratioText(one.errorRatio)}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      </StaleVeil>
      <Stack gap="xs" mt="sm">
        {check.kind === 'off' ? (
          <Alert color="yellow" icon={<IconAlertTriangle aria-hidden />} title="The split is not as asked">
            {check.words}
          </Alert>
        ) : (
          <Text size="sm" c="dimmed">
            {check.words}
          </Text>
        )}
        <MethodSides mapping={mapping} percent={share.percent} />
      </Stack>
    </Paper>
  )
}

function MethodSides({ mapping, percent }: { mapping: MappingView; percent: number }) {
  const sides = sidesByMethod(mapping, percent)
  return (
    <div data-testid="method-sides">
      <Text size="sm" fw={600} mb={4}>
        Who answers
      </Text>
      <Table fz="sm" verticalSpacing={2} horizontalSpacing={6} withRowBorders={false}>
        <Table.Tbody>
          {sides.map((one) => (
            <Table.Tr key={one.method}>
              <Table.Td fw={600} w={80}>
                {one.method}
              </Table.Td>
              <Table.Td style={{ whiteSpace: 'nowrap' }}>{answererText(one.percentNew)}</Table.Td>
              <Table.Td c="dimmed">{one.why}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  )
}

function answererText(percentNew: number): string {
  if (percentNew === 0) return 'legacy'
  if (percentNew === 100) return 'new'
  return `new ${percentText(percentNew)}`
}

const none: readonly never[] = []
