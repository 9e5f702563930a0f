import type { ApprovalChange } from '@crossfade/contracts/api/approvals'
import { Group, List, Paper, Stack, Text, Textarea, Title } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useState } from 'react'
import { AllowedButton } from '../../shared/forms/allowed-button.tsx'
import { percentText } from '../../shared/format.ts'
import { ConfirmByName } from '../../shared/ui/confirm-by-name.tsx'
import { useAskApproval } from './ask-approval.tsx'

/** What may be past its point of no return. `version` is that of its definition. */
export interface Subject {
  readonly kind: 'mapping' | 'group'
  readonly id: string
  readonly name: string
  readonly version: number
  readonly percent: number
  readonly pointOfNoReturn: boolean
}

/** Declares that the data has moved, or asks for the way back all the same; both take the agreement of others. */
export function PointOfNoReturn({ subject }: { subject: Subject }) {
  const { name, pointOfNoReturn } = subject
  const [opened, dialog] = useDisclosure()
  return (
    <Paper withBorder p="lg" component="section" aria-label="Point of no return">
      <Group justify="space-between" align="flex-start">
        <div style={{ flex: '1 1 320px' }}>
          <Title order={2} size="h5">
            Point of no return
          </Title>
          <Text size="sm">
            {pointOfNoReturn
              ? `The data of ${name} has moved. Everything goes to new, and Roll back is refused.`
              : 'Once data has moved to new and legacy does not have it any more, going back would lose it. Say so here, and Roll back is refused from then on.'}
          </Text>
        </div>
        <AllowedButton
          permission="point-of-no-return.request"
          variant="default"
          color="red"
          onClick={dialog.open}
        >
          {pointOfNoReturn ? 'Ask to roll back all the same…' : 'Ask for the point of no return…'}
        </AllowedButton>
      </Group>
      {opened && <Ask subject={subject} onClose={dialog.close} />}
    </Paper>
  )
}

function Ask({ subject, onClose }: { subject: Subject; onClose: () => void }) {
  const { kind, id, name, version } = subject
  const [reason, setReason] = useState('')
  const [isTried, setTried] = useState(false)
  const ask = useAskApproval(onClose)
  const isMissing = reason.trim() === ''
  const isBack = subject.pointOfNoReturn
  const change: ApprovalChange = {
    act: isBack ? 'roll-back' : 'point-of-no-return',
    target: { kind, id },
    ifVersion: version,
  }
  return (
    <ConfirmByName
      opened
      onClose={onClose}
      title={isBack ? `Roll ${name} back although its data has moved?` : `The data of ${name} has moved?`}
      name={name}
      act="Ask for it"
      busy={ask.isPending}
      error={ask.error}
      onConfirm={() => {
        setTried(true)
        if (!isMissing) ask.mutate({ change, reason: reason.trim() })
      }}
    >
      <Stack gap="sm">
        <List size="sm">
          {(isBack ? backConsequences : consequences(subject.percent)).map((words) => (
            <List.Item key={words}>{words}</List.Item>
          ))}
        </List>
        <Textarea
          label="Reason"
          withAsterisk
          error={isTried && isMissing ? 'Say why' : undefined}
          rows={2}
          maxLength={500}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
      </Stack>
    </ConfirmByName>
  )
}

function consequences(percent: number): string[] {
  return [
    percent === 100
      ? 'Everything stays on new, whatever the share.'
      : `Everything goes to new at once: the share is ${percentText(percent)} now.`,
    'Roll back is refused, by hand and by guardrails; the kill switch leaves it out.',
    'Guardrails go on telling people.',
    'It happens once enough people have agreed, under Approvals.',
  ]
}

const backConsequences = [
  'Everything goes to legacy, which does not have the data that moved.',
  'It happens once enough people have agreed, under Approvals.',
]
