import type { TemplateView } from '@crossfade/contracts/api/ramps'
import type { PlanView } from '@crossfade/contracts/ramp'
import { Paper, SimpleGrid, Stack, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { AllowedButton } from '../../shared/forms/allowed-button.tsx'
import { percentText } from '../../shared/format.ts'
import { LoadingRows } from '../../shared/ui/loading.tsx'
import { ProblemNotice } from '../../shared/ui/problem-notice.tsx'
import { customPlan } from './ramp-draft.ts'
import { templatesQuery } from './ramp-queries.ts'

/** Plans to begin from; choosing one opens it for editing, and nothing is shared with it afterwards. */
export function TemplateChoice(props: { onChoose: (plan: PlanView) => void }) {
  const templates = useQuery(templatesQuery())
  if (templates.isPending) return <LoadingRows rows={2} height={120} />
  if (templates.data === undefined)
    return <ProblemNotice error={templates.error} onRetry={() => void templates.refetch()} />
  return (
    <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }} spacing="md">
      {[...templates.data.items, custom].map((template) => (
        <Card key={template.name} template={template} onChoose={() => props.onChoose(template.plan)} />
      ))}
    </SimpleGrid>
  )
}

type Choice = Pick<TemplateView, 'title' | 'words' | 'plan'> & { readonly name: string }

const custom: Choice = {
  name: 'custom',
  title: 'Your own',
  words: 'Stages, holds and gates as you like; it may end below 100 %.',
  plan: customPlan,
}

function Card({ template, onChoose }: { template: Choice; onChoose: () => void }) {
  const isCustom = template.name === 'custom'
  return (
    <Paper withBorder p="md" component="section" aria-label={template.title}>
      <Stack gap="xs" h="100%" justify="space-between">
        <div>
          <Title order={3} size="h5">
            {template.title}
          </Title>
          <Text size="sm">{template.words}</Text>
          {!isCustom && (
            <Text size="sm" c="dimmed" style={{ fontVariantNumeric: 'tabular-nums' }}>
              {template.plan.stages.map(({ percent }) => percentText(percent)).join(' → ')}
            </Text>
          )}
        </div>
        <AllowedButton
          permission="ramp.edit"
          variant="default"
          size="xs"
          aria-label={`Begin with ${template.title}`}
          onClick={onChoose}
        >
          Begin with this
        </AllowedButton>
      </Stack>
    </Paper>
  )
}
