import { guardrailTrialSchema } from '@crossfade/contracts/api/guardrails'
import { guardrailSchema } from '@crossfade/contracts/guardrail'
import { Button, Group, List, Text } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { api } from '../../shared/api.ts'
import { useEnvironmentId } from '../../shared/environment.ts'
import { dateTimeText } from '../../shared/format.ts'
import { ProblemNotice } from '../../shared/ui/problem-notice.tsx'
import type { GuardrailDraft } from './ramp-draft.ts'

const shown = 3

/** Tries a guardrail on what is stored, before it guards anything. */
export function TrialNote({ guardrail, mappingId }: { guardrail: GuardrailDraft; mappingId: string }) {
  const environmentId = useEnvironmentId()
  const key = JSON.stringify(guardrail)
  const trial = useMutation({
    mutationFn: async () => ({
      // An answer is about what was asked, not about what was typed since.
      key,
      ...(await api.send(
        'POST',
        '/guardrails/trial',
        { environmentId, mappingId, guardrail },
        guardrailTrialSchema,
      )),
    }),
  })
  const isValid = guardrailSchema.safeParse(guardrail).success
  const answer = trial.data?.key === key ? trial.data : null
  return (
    <div>
      <Group gap="sm">
        <Button
          variant="default"
          size="xs"
          loading={trial.isPending}
          disabled={!isValid}
          onClick={() => trial.mutate()}
        >
          Try it on the last 7 days
        </Button>
        <Text size="sm" role="status">
          {answer?.words ?? ''}
        </Text>
      </Group>
      {answer !== null && answer.fired.length > 0 && (
        <List size="xs" mt={4}>
          {answer.fired.slice(-shown).map(({ at, words }) => (
            <List.Item key={at}>
              {dateTimeText(at)}: {words}
            </List.Item>
          ))}
        </List>
      )}
      {trial.error !== null && <ProblemNotice error={trial.error} />}
    </div>
  )
}
