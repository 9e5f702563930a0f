import type { RampDetail } from '@crossfade/contracts/api/ramps'
import { Group, Paper, Table, Text } from '@mantine/core'
import { IconCircleCheckFilled, IconCircleDashed, IconCircleXFilled } from '@tabler/icons-react'
import { percentText } from '../../shared/format.ts'
import { criterionWords } from './criterion-words.ts'

type Result = RampDetail['acceptanceResults'][number]

/** Targets written before the ramp began: met or not at each stage it entered, and over all of it. */
export function AcceptanceTable({ ramp }: { ramp: RampDetail }) {
  return (
    <Paper withBorder>
      <Table.ScrollContainer type="native" minWidth={480}>
        <Table verticalSpacing="sm" horizontalSpacing="md">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Target</Table.Th>
              {ramp.visits.map((visit, index) => (
                // A stage may be entered twice.
                // oxlint-disable-next-line react/no-array-index-key
                <Table.Th key={index}>at {percentText(visit.percent)}</Table.Th>
              ))}
              <Table.Th>Over all</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {ramp.acceptance.map((criterion) => {
              const of = (results: readonly Result[]) =>
                results.find(({ criterionId }) => criterionId === criterion.id)
              return (
                <Table.Tr key={criterion.id}>
                  <Table.Td>
                    <Text size="sm" fw={600}>
                      {criterionWords(criterion)}
                    </Text>
                  </Table.Td>
                  {ramp.visits.map((visit, index) => (
                    // oxlint-disable-next-line react/no-array-index-key
                    <Table.Td key={index}>
                      <MetOrNot result={of(visit.acceptance)} />
                    </Table.Td>
                  ))}
                  <Table.Td>
                    <MetOrNot result={of(ramp.acceptanceResults)} showsWords />
                  </Table.Td>
                </Table.Tr>
              )
            })}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Paper>
  )
}

function MetOrNot({ result, showsWords = false }: { result: Result | undefined; showsWords?: boolean }) {
  const met = result?.met ?? null
  const Icon = met === null ? IconCircleDashed : met ? IconCircleCheckFilled : IconCircleXFilled
  const color = met === null ? 'var(--mantine-color-dimmed)' : met ? 'var(--cf-good)' : 'var(--cf-bad)'
  return (
    <div title={result?.words}>
      <Group gap={4} wrap="nowrap">
        <Icon size={16} color={color} aria-hidden />
        <Text size="sm" style={{ whiteSpace: 'nowrap' }}>
          {met === null ? 'not known yet' : met ? 'met' : 'not met'}
        </Text>
      </Group>
      {showsWords && result !== undefined && (
        <Text size="xs" c="dimmed">
          {result.words}
        </Text>
      )}
    </div>
  )
}
