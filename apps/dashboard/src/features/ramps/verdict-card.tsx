import type { RampDetail } from '@crossfade/contracts/api/ramps'
import { countWords } from '@crossfade/core/words'
import { Group, Paper, Stack, Text } from '@mantine/core'
import {
  IconCircleCheckFilled,
  IconCircleDashed,
  IconCircleXFilled,
  IconPlugConnectedX,
} from '@tabler/icons-react'
import { IntervalBar } from './interval-bar.tsx'
import { actionWords, numberWords, verdictWords, type JudgementView } from './verdict-words.ts'

const looks = {
  pass: { icon: IconCircleCheckFilled, color: 'var(--cf-good)' },
  fail: { icon: IconCircleXFilled, color: 'var(--cf-bad)' },
  inconclusive: { icon: IconCircleDashed, color: 'var(--mantine-color-dimmed)' },
  error: { icon: IconPlugConnectedX, color: 'var(--cf-warn)' },
} as const

/** One guardrail over one mapping: the verdict, its number and limit in words, and how sure it is. */
export function VerdictCard(props: { judgement: JudgementView; mappings: RampDetail['mappings'] }) {
  const { judgement } = props
  const { icon: Icon, color } = looks[judgement.verdict]
  const mapping = props.mappings.length > 1 && props.mappings.find(({ id }) => id === judgement.mappingId)
  return (
    <Paper withBorder p="md" component="li" data-verdict={judgement.verdict} style={{ listStyle: 'none' }}>
      <Stack gap={6}>
        <Group justify="space-between" wrap="nowrap" align="flex-start">
          <Text fw={600} size="sm">
            {judgement.name}
            {mapping !== false && mapping !== undefined && (
              <Text span inherit fw={400} c="dimmed">
                {' '}
                on {mapping.name}
              </Text>
            )}
          </Text>
          <Group gap={4} wrap="nowrap">
            <Icon size={16} color={color} aria-hidden />
            <Text size="sm" fw={600} style={{ whiteSpace: 'nowrap' }}>
              {verdictWords[judgement.verdict]}
            </Text>
          </Group>
        </Group>
        <Text size="sm">{judgement.words}</Text>
        <IntervalBar judgement={judgement} />
        <Numbers judgement={judgement} />
        <Text size="xs" c="dimmed">
          {actionWords(judgement)}
        </Text>
      </Stack>
    </Paper>
  )
}

function Numbers({ judgement }: { judgement: JudgementView }) {
  const { unit, measured, legacy, limit, interval, sample, minimumSample, breaches } = judgement
  const say = (value: number) => numberWords(unit, value)
  const parts = [
    measured === null ? null : `new ${say(measured)}`,
    interval === null ? null : `surely between ${say(interval.low)} and ${say(interval.high)}`,
    limit === null ? null : `limit ${say(limit)}`,
    legacy === null ? null : `legacy ${say(legacy)}`,
    breaches === null || breaches === 0 ? null : `${breaches} windows beyond it`,
    `${countWords(sample.new)} requests on new${sample.new < minimumSample ? `, ${countWords(minimumSample)} needed` : ''}`,
    sample.legacy === 0 && legacy === null ? null : `${countWords(sample.legacy)} on legacy`,
  ]
  return (
    <Text size="xs" c="dimmed" style={{ fontVariantNumeric: 'tabular-nums' }}>
      {parts.filter((part) => part !== null).join(' · ')}
    </Text>
  )
}
