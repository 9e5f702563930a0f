import type { RampDetail } from '@crossfade/contracts/api/ramps'
import { countWords } from '@crossfade/core/words'
import { Badge, Group, Paper, SimpleGrid, Stack, Text, Title } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { ChangesTimeline } from '../../shared/changes/changes-timeline.tsx'
import { DeleteDialog } from '../../shared/forms/delete-dialog.tsx'
import { percentText } from '../../shared/format.ts'
import { ProblemNotice } from '../../shared/ui/problem-notice.tsx'
import { RelativeTime } from '../../shared/ui/relative-time.tsx'
import { StaleVeil } from '../live/stale-veil.tsx'
import { AcceptanceTable } from './acceptance-table.tsx'
import { ForecastNote } from './forecast-note.tsx'
import { guardrailSentence } from './guardrail-words.ts'
import { RampActions } from './ramp-actions.tsx'
import { RampAlerts } from './ramp-alerts.tsx'
import { draftOf } from './ramp-draft.ts'
import { RampForm } from './ramp-form.tsx'
import type { RampTarget } from './ramp-queries.ts'
import { RampTimeline } from './ramp-timeline.tsx'
import { StageChecklist } from './stage-checklist.tsx'
import { statusWords } from './stage-looks.ts'
import { useRampActs } from './use-ramp-acts.ts'
import { VerdictCard } from './verdict-card.tsx'
import { byGravity, summaryWords } from './verdict-words.ts'

/** A ramp that exists: where it stands and why, what can be done, what its guardrails say. */
export function RampPanel({ ramp, target }: { ramp: RampDetail; target: RampTarget }) {
  const acts = useRampActs(ramp)
  const [isEditing, editing] = useDisclosure()
  const [isDeleting, deleting] = useDisclosure()
  const { run } = ramp
  return (
    <Stack gap="lg">
      <Paper withBorder p="lg" component="section" aria-label="Ramp">
        <Stack gap="md">
          <Group justify="space-between" align="flex-start">
            <div>
              <Group gap="sm">
                <Title order={2} size="h4">
                  Ramp
                </Title>
                <Badge variant="dot" tt="none" fw={500} size="lg" color={statusColor(run)}>
                  {statusWords(run)}
                </Badge>
                <Text size="sm" c="dimmed">
                  {ramp.plan.template === 'custom' ? 'a plan of its own' : `from “${ramp.plan.template}”`}
                </Text>
              </Group>
              <Text mt={4} role="status">
                {run.words}
              </Text>
            </div>
            <RampActions ramp={ramp} acts={acts} onEdit={editing.open} onDelete={deleting.open} />
          </Group>
          {acts.problem !== null && (
            <ProblemNotice error={acts.problem} title={`Not done: ${acts.problem.title}`} />
          )}
          <RampAlerts ramp={ramp} />
          <StaleVeil>
            <RampTimeline ramp={ramp} />
          </StaleVeil>
          {run.status === 'ready' && <ForecastNote target={target} input={ramp} />}
          <StageChecklist ramp={ramp} acts={acts} />
          <Facts ramp={ramp} />
        </Stack>
      </Paper>
      <Verdicts ramp={ramp} />
      {ramp.acceptance.length > 0 && (
        <section aria-label="Acceptance criteria">
          <Title order={2} size="h4" mb="sm">
            Acceptance criteria
          </Title>
          <AcceptanceTable ramp={ramp} />
        </section>
      )}
      <section aria-label="What happened">
        <Title order={2} size="h4" mb="sm">
          What happened
        </Title>
        <Paper withBorder p="lg">
          <ChangesTimeline filter={{ objectId: ramp.id }} follow />
        </Paper>
      </section>
      {isEditing && (
        <RampForm
          target={target}
          ramp={ramp}
          start={draftOf(ramp.plan, ramp.guardrails, ramp.acceptance)}
          onClose={editing.close}
        />
      )}
      <DeleteDialog
        opened={isDeleting}
        onClose={deleting.close}
        kind="ramp"
        path={`/ramps/${ramp.id}`}
        name={target.name}
        version={ramp.version}
        onDeleted={deleting.close}
      >
        The plan and where it stands are gone; the share stays at {percentText(run.percent)} and the audit
        trail keeps what happened. Nothing guards {target.name} any more.
      </DeleteDialog>
    </Stack>
  )
}

function Facts({ ramp: { run } }: { ramp: RampDetail }) {
  const isActive = run.status === 'running' || run.status === 'paused'
  const facts = [
    run.serviceVersion === null ? null : `new runs version ${run.serviceVersion}`,
    isActive ? `${countWords(run.requestsOnNew)} requests on new in this stage` : null,
    run.sampling === null
      ? null
      : `watched on new: logs ${run.sampling.logPercent} %, traces ${run.sampling.tracePercent} %, shadow copies ${run.sampling.shadowPercent} %`,
    run.approval === null ? null : `leaving was approved by ${run.approval.by}`,
    run.pointOfNoReturn ? 'past the point of no return: there is no way back' : null,
  ].filter((fact) => fact !== null)
  if (facts.length === 0) return null
  return (
    <Text size="sm" c="dimmed">
      {facts.join(' · ')}
    </Text>
  )
}

function Verdicts({ ramp }: { ramp: RampDetail }) {
  return (
    <section aria-label="Guardrails">
      <Group justify="space-between" mb="sm">
        <Title order={2} size="h4">
          Guardrails
        </Title>
        <Text size="sm" c="dimmed">
          {summaryWords(ramp.judgements)}
          {ramp.judgedAt !== null && (
            <>
              , judged <RelativeTime at={ramp.judgedAt} />
            </>
          )}
        </Text>
      </Group>
      {ramp.judgements.length > 0 ? (
        <StaleVeil>
          <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }} spacing="md" component="ul" p={0} m={0}>
            {byGravity(ramp.judgements).map((judgement) => (
              <VerdictCard key={judgement.key} judgement={judgement} mappings={ramp.mappings} />
            ))}
          </SimpleGrid>
        </StaleVeil>
      ) : ramp.guardrails.length === 0 ? (
        <Text size="sm">This ramp has no guardrails: nothing stops it by itself.</Text>
      ) : (
        <Paper withBorder p="md">
          <Stack gap={6}>
            {ramp.guardrails.map((guardrail) => (
              <Text key={guardrail.id} size="sm">
                {guardrailSentence(guardrail)}
              </Text>
            ))}
          </Stack>
        </Paper>
      )}
    </section>
  )
}

function statusColor({ status, ending }: RampDetail['run']): string {
  if (status === 'running') return 'indigo'
  if (status === 'paused' || status === 'stepping-back') return 'yellow'
  if (status === 'ended') return ending === 'complete' || ending === 'below-100' ? 'teal' : 'red'
  return 'gray'
}
