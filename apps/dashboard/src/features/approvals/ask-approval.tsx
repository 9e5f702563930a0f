import { approvalViewSchema, type ApprovalChange } from '@crossfade/contracts/api/approvals'
import { Button, Group, Modal, Stack, Text, Textarea } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../../shared/api.ts'
import { useEnvironmentId } from '../../shared/environment.ts'
import { newIdempotencyKey } from '../../shared/idempotency-key.ts'
import { reloadAfterChange } from '../../shared/queries.ts'
import { ProblemNotice } from '../../shared/ui/problem-notice.tsx'
import { toast } from '../../shared/ui/toast.ts'

/** Asks others to agree to exactly this change. */
export function useAskApproval(onAsked: () => void) {
  const client = useQueryClient()
  const environmentId = useEnvironmentId()
  return useMutation({
    mutationFn: (asked: { change: ApprovalChange; reason: string }) =>
      api.send('POST', '/approvals', { ...asked, environmentId }, approvalViewSchema, {
        idempotencyKey: newIdempotencyKey(),
      }),
    onSuccess: async ({ title }) => {
      toast(`Asked for: ${title}. It waits under Approvals.`)
      onAsked()
      await reloadAfterChange(client, 'approval')
    },
  })
}

/** Offered where a change was refused because it needs approval. */
export function AskApproval(props: { change: ApprovalChange; reason: string; onAsked: () => void }) {
  const [isAsking, setAsking] = useState(false)
  const [reason, setReason] = useState(props.reason)
  const ask = useAskApproval(() => {
    setAsking(false)
    props.onAsked()
  })
  return (
    <>
      <Group>
        <Button onClick={() => setAsking(true)}>Ask for approval…</Button>
      </Group>
      <Modal
        opened={isAsking}
        onClose={() => setAsking(false)}
        title="Ask for approval"
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <form
          noValidate
          onSubmit={(event) => {
            event.preventDefault()
            ask.mutate({ change: props.change, reason: reason.trim() })
          }}
        >
          <Stack>
            <Text size="sm">
              It is applied as soon as enough people agree, and not at all if what it is based on changes
              before.
            </Text>
            <Textarea
              data-autofocus
              rows={2}
              maxLength={500}
              label="Why it is needed"
              value={reason}
              onChange={(event) => setReason(event.currentTarget.value)}
            />
            {ask.error !== null && <ProblemNotice error={ask.error} />}
            <Group justify="flex-end">
              <Button variant="default" onClick={() => setAsking(false)}>
                Cancel
              </Button>
              <Button type="submit" loading={ask.isPending}>
                Ask
              </Button>
            </Group>
          </Stack>
        </form>
      </Modal>
    </>
  )
}
