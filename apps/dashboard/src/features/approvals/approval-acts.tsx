import { approvalViewSchema, type ApprovalView } from '@crossfade/contracts/api/approvals'
import { Button, Group, Modal, Stack, Text, Textarea } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api, asProblem } from '../../shared/api.ts'
import { AllowedButton } from '../../shared/forms/allowed-button.tsx'
import { meQuery, reloadAfterChange } from '../../shared/queries.ts'
import { ProblemNotice } from '../../shared/ui/problem-notice.tsx'
import { toast } from '../../shared/ui/toast.ts'
import { statusWords, whyNotVote } from './approval-words.ts'

type Act = 'approve' | 'decline' | 'apply' | 'cancel'

/** Approve, decline, try again, withdraw: bound to the version that is on the screen. */
export function ApprovalActs({ approval }: { approval: ApprovalView }) {
  const client = useQueryClient()
  const me = useQuery(meQuery())
  const meId = me.data?.id ?? null
  const [asking, setAsking] = useState<'approve' | 'decline' | null>(null)
  const act = useMutation({
    mutationFn: ({ name, reason }: { name: Act; reason?: string }) =>
      api.send(
        'POST',
        `/approvals/${approval.id}/${name}`,
        reason === undefined ? {} : { reason },
        approvalViewSchema,
        {
          ...((name === 'approve' || name === 'decline') && { ifMatch: approval.version }),
        },
      ),
    onSuccess: (after) => {
      toast(`${after.title}: ${statusWords[after.status]}`)
      setAsking(null)
    },
    onSettled: () => reloadAfterChange(client, 'approval'),
  })
  const mine = approval.requestedBy.id === meId
  const isOpen = approval.status === 'pending' || approval.status === 'approved'
  if (!isOpen) return null
  const problem = act.error === null ? null : asProblem(act.error)
  return (
    <Stack gap="sm">
      <Group gap="sm">
        {approval.status === 'pending' && (
          <>
            <AllowedButton
              permission="approval.decide"
              why={whyNotVote(approval, meId)}
              aria-label={`Approve ${approval.title}`}
              onClick={() => setAsking('approve')}
            >
              Approve…
            </AllowedButton>
            <AllowedButton
              permission="approval.decide"
              variant="default"
              why={mine ? 'You asked for this yourself: withdraw it instead' : whyNotVote(approval, meId)}
              aria-label={`Decline ${approval.title}`}
              onClick={() => setAsking('decline')}
            >
              Decline…
            </AllowedButton>
          </>
        )}
        {approval.status === 'approved' && (
          <AllowedButton
            permission="approval.decide"
            loading={act.isPending}
            aria-label={`Apply ${approval.title}`}
            onClick={() => act.mutate({ name: 'apply' })}
          >
            Apply now
          </AllowedButton>
        )}
        {mine && (
          <Button
            variant="subtle"
            loading={act.isPending}
            aria-label={`Withdraw ${approval.title}`}
            onClick={() => act.mutate({ name: 'cancel' })}
          >
            Withdraw
          </Button>
        )}
      </Group>
      {asking === null && problem !== null && (
        <ProblemNotice error={problem} title={`Not done: ${problem.title}`} />
      )}
      {asking !== null && (
        <VoteDialog
          approval={approval}
          verdict={asking}
          busy={act.isPending}
          error={act.error}
          onVote={(reason) => act.mutate({ name: asking, ...(reason !== '' && { reason }) })}
          onClose={() => {
            act.reset()
            setAsking(null)
          }}
        />
      )}
    </Stack>
  )
}

function VoteDialog(props: {
  approval: ApprovalView
  verdict: 'approve' | 'decline'
  busy: boolean
  error: unknown
  onVote: (reason: string) => void
  onClose: () => void
}) {
  const { approval, verdict } = props
  const [reason, setReason] = useState('')
  const isDecline = verdict === 'decline'
  const isMissing = isDecline && reason.trim() === ''
  const given = approval.votes.filter((vote) => vote.verdict === 'approve').length
  return (
    <Modal
      opened
      onClose={props.onClose}
      title={`${isDecline ? 'Decline' : 'Approve'}: ${approval.title}`}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          if (!isMissing) props.onVote(reason.trim())
        }}
      >
        <Stack>
          <Text size="sm">
            {isDecline
              ? `One vote against ends it; ${approval.requestedBy.name} reads why.`
              : given + 1 >= approval.quorum
                ? 'Yours is the last approval it takes: the change is applied at once.'
                : 'It waits for more approvals after yours.'}
          </Text>
          <Textarea
            data-autofocus
            rows={2}
            maxLength={500}
            label={isDecline ? 'Reason' : 'Reason (optional)'}
            required={isDecline}
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
          {props.error !== null && <ProblemNotice error={props.error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={props.onClose}>
              Cancel
            </Button>
            <Button
              type="submit"
              loading={props.busy}
              {...(isDecline && { color: 'red.9' })}
              {...(isMissing && { 'data-disabled': true, 'aria-disabled': true })}
            >
              {isDecline ? 'Decline' : 'Approve'}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
