import type { MappingPreview } from '@crossfade/contracts/api/preview'
import { Checkbox, Group, List, Loader, Stack, Text, Paper, Title } from '@mantine/core'
import { IconAlertTriangle, IconArrowsShuffle, IconCircleCheck } from '@tabler/icons-react'
import { asProblem } from '../../shared/api.ts'
import { MatchText } from '../../shared/ui/match-text.tsx'
import { ProblemNotice } from '../../shared/ui/problem-notice.tsx'
import { moveText, needsConfirmation, overlapText } from './preview-text.ts'

/** What saving would do: overlaps with the winner, and who would move. */
export function PreviewPanel(props: {
  preview: MappingPreview | undefined
  isAsking: boolean
  /** Fields are missing, so there is nothing to ask yet. */
  isWaiting: boolean
  error: unknown
  isConfirmed: boolean
  onConfirm: (isConfirmed: boolean) => void
}) {
  const { preview } = props
  return (
    <Paper withBorder p="md" component="section" aria-label="What saving does">
      <Group justify="space-between" mb="xs">
        <Title order={2} size="h5">
          What saving does
        </Title>
        {props.isAsking && <Loader size="xs" aria-label="Asking" />}
      </Group>
      {props.isWaiting ? (
        <Text size="sm" c="dimmed">
          Give a path and both services, and overlaps with other mappings show up here.
        </Text>
      ) : props.error !== null ? (
        <NotYet error={props.error} />
      ) : (
        preview !== undefined && (
          <Stack gap="md" aria-live="polite">
            <Overlaps preview={preview} />
            <MovesList preview={preview} />
            {needsConfirmation(preview) && (
              <Checkbox
                label="I have seen who would move"
                checked={props.isConfirmed}
                onChange={(event) => props.onConfirm(event.currentTarget.checked)}
              />
            )}
          </Stack>
        )
      )}
    </Paper>
  )
}

/** Refused fields in words; a failure of another kind as everywhere. */
function NotYet({ error }: { error: unknown }) {
  const { errors } = asProblem(error)
  if (errors.length === 0) return <ProblemNotice error={error} />
  return (
    <Stack gap="xs">
      {errors.map(({ path, message }) => (
        <Line key={`${path} ${message}`} good={false}>
          <Text size="sm">{message}</Text>
        </Line>
      ))}
    </Stack>
  )
}

function Overlaps({ preview: { overlaps } }: { preview: MappingPreview }) {
  if (overlaps.length === 0)
    return (
      <Line good>
        <Text size="sm">No other mapping matches these requests.</Text>
      </Line>
    )
  return (
    <Stack gap="xs">
      {overlaps.slice(0, 8).map((overlap) => (
        <Line key={overlap.id} good={overlap.winner === 'this' && !overlap.sameMatch}>
          <Text size="sm">{overlapText(overlap)}</Text>
          <MatchText match={overlap.match} />
        </Line>
      ))}
      {overlaps.length > 8 && (
        <Text size="sm" c="dimmed">
          and {overlaps.length - 8} more
        </Text>
      )}
    </Stack>
  )
}

function MovesList({ preview }: { preview: MappingPreview }) {
  if (!needsConfirmation(preview))
    return (
      <Line good>
        <Text size="sm">Nobody changes sides.</Text>
      </Line>
    )
  return (
    <Group gap="xs" wrap="nowrap" align="flex-start">
      <IconArrowsShuffle size={16} color="var(--cf-warn)" aria-hidden style={{ flex: 'none' }} />
      <div>
        <Text size="sm" fw={600}>
          People would change sides
        </Text>
        <List size="sm">
          {preview.moves.map((moves) => (
            <List.Item key={moves.mappingId}>{moveText(moves)}</List.Item>
          ))}
        </List>
      </div>
    </Group>
  )
}

function Line(props: { good: boolean; children: React.ReactNode }) {
  const Icon = props.good ? IconCircleCheck : IconAlertTriangle
  return (
    <Group gap="xs" wrap="nowrap" align="flex-start">
      <Icon
        size={16}
        aria-hidden
        color={props.good ? 'var(--cf-good)' : 'var(--cf-warn)'}
        style={{ flex: 'none', marginTop: 2 }}
      />
      <div style={{ minWidth: 0 }}>{props.children}</div>
    </Group>
  )
}
