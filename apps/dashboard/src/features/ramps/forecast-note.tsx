import { forecastSchema, type Forecast, type RampInput } from '@crossfade/contracts/api/ramps'
import { aboutWords } from '@crossfade/core/words'
import { Alert, Text } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { IconHourglass } from '@tabler/icons-react'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { api } from '../../shared/api.ts'
import { useEnvironmentId } from '../../shared/environment.ts'
import { percentText } from '../../shared/format.ts'
import type { RampTarget } from './ramp-queries.ts'

const restMs = 500

/** Before starting: how long each stage takes to have enough data. `input` is null while it is no plan. */
export function ForecastNote(props: {
  target: RampTarget
  input: Pick<RampInput, 'plan' | 'guardrails'> | null
}) {
  const { kind, id } = props.target
  const environmentId = useEnvironmentId()
  const [settled] = useDebouncedValue(JSON.stringify(props.input), restMs)
  const input = JSON.parse(settled) as typeof props.input
  const asked = input === null ? null : { plan: input.plan, guardrails: input.guardrails }
  const forecast = useQuery({
    queryKey: ['forecast', environmentId, kind, id, asked],
    queryFn: ({ signal }) =>
      api.send('POST', '/ramps/forecast', { environmentId, target: { kind, id }, ...asked }, forecastSchema, {
        signal,
      }),
    enabled: asked !== null,
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  })
  if (forecast.data === undefined) return null
  return (
    <Alert role="note" variant="light" color="gray" icon={<IconHourglass aria-hidden />}>
      <Text size="sm">{forecast.data.words}</Text>
      <Text size="sm" c="dimmed">
        {stageWords(forecast.data)}
      </Text>
    </Alert>
  )
}

/** What each stage takes at least, and the whole plan. */
export function stageWords({ stages }: Pick<Forecast, 'stages'>): string {
  const each = stages.map(
    ({ percent, atLeastMs }) =>
      `${percentText(percent)}: ${atLeastMs === null ? 'never at this rate' : aboutWords(atLeastMs)}`,
  )
  const all = stages.reduce<number | null>(
    (sum, { atLeastMs }) => (sum === null || atLeastMs === null ? null : sum + atLeastMs),
    0,
  )
  const total = all === null ? 'it would not come to its end by itself' : `${aboutWords(all)} in all`
  return `At least ${each.join(', ')}; ${total}.`
}
