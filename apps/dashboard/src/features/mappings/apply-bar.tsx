import { Alert, Button, Group, Paper, Stack, Text, TextInput } from '@mantine/core'
import { IconPencil } from '@tabler/icons-react'
import type { Ref } from 'react'
import { listText, percentText } from '../../shared/format.ts'
import { WhyNot } from '../../shared/permission.tsx'
import type { DraftWords } from './draft-words.ts'

/** What will change, and the one press that sends it. */
export function ApplyBar({
  ref,
  ...props
}: {
  ref: Ref<HTMLButtonElement>
  percent: number
  words: DraftWords
  reason: string
  onReason: (reason: string) => void
  /** Why it may not be applied now; null when it may. */
  blocked: string | null
  isApplying: boolean
  /** Methods to warn about: at the first raise, those whose writes follow the share. */
  writesMove: readonly string[]
  /** What it does to a ramp that is under way; null without one. */
  handMove: string | null
  onApply: () => void
  onDiscard: () => void
}) {
  const blocked = props.blocked ?? ''
  return (
    <Paper
      p="md"
      role="group"
      aria-label="Not applied yet"
      data-testid="apply-bar"
      onKeyDown={(event) => event.key === 'Escape' && props.onDiscard()}
      style={{ background: 'var(--cf-new-soft)' }}
    >
      <Stack gap="sm">
        <div>
          <Text fw={650} style={{ fontVariantNumeric: 'tabular-nums' }}>
            {props.words.move}
            <Text span inherit fw={400}>
              {' '}
              · {props.words.traffic}
            </Text>
          </Text>
          <Text size="sm">{props.words.people}</Text>
          {props.handMove !== null && <Text size="sm">{props.handMove}</Text>}
        </div>
        {props.writesMove.length > 0 && (
          <Alert
            variant="white"
            icon={<IconPencil aria-hidden />}
            title="Writes follow the share too"
            data-testid="writes-notice"
          >
            {listText(props.writesMove)} requests of the same users go to new. That is safe when both services
            share their data; if each keeps its own, choose phased writes in the settings first.
          </Alert>
        )}
        <Group gap="sm" align="flex-end">
          <TextInput
            aria-label="Reason (optional)"
            placeholder="Reason (optional)"
            maxLength={500}
            value={props.reason}
            onChange={(event) => props.onReason(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key === 'Enter') props.onApply()
            }}
            style={{ flex: '1 1 180px' }}
          />
          <Button variant="default" onClick={props.onDiscard}>
            Discard
          </Button>
          <WhyNot why={blocked}>
            <Button
              ref={ref}
              onClick={props.onApply}
              {...(blocked !== '' && { 'data-disabled': true, 'aria-disabled': true })}
            >
              {props.isApplying ? 'Applying…' : `Apply ${percentText(props.percent)}`}
            </Button>
          </WhyNot>
        </Group>
        {blocked !== '' && (
          <Text size="sm" role="status">
            {blocked}
          </Text>
        )}
      </Stack>
    </Paper>
  )
}
