import type { PathsView } from '@crossfade/contracts/api/series'
import { Button, Code, Group, Paper, Stack, Table, Text, Title } from '@mantine/core'
import { useState } from 'react'
import { useEnvironmentId } from '../../shared/environment.ts'
import { countText } from '../../shared/format.ts'
import { useAllowed } from '../../shared/permission.tsx'
import { ButtonLink } from '../../shared/ui/links.tsx'
import { PathsTable } from './paths-table.tsx'
import { usePaths } from './use-paths.ts'

const shownAtFirst = 5

/** The busiest traffic that no mapping names yet, and what was refused; nothing where there is neither. */
export function MapNext() {
  const environmentId = useEnvironmentId()
  const { data } = usePaths({ environmentId })
  const { allowed } = useAllowed('mapping.edit')
  const [showsAll, setShowsAll] = useState(false)
  if (data === undefined || data.paths.length + data.refused.length === 0) return null
  const paths = showsAll ? data.paths : data.paths.slice(0, shownAtFirst)
  return (
    <Paper withBorder p="md" mt="lg" component="section" aria-labelledby="next-heading">
      <Stack gap="sm">
        <div>
          <Title order={2} size="h4" id="next-heading">
            What to map next
          </Title>
          <Text size="sm" c="dimmed">
            The busiest paths that no mapping names; ids are collapsed. Rare ones may be missing.
          </Text>
        </div>
        {data.paths.length > 0 && <PathsTable paths={paths} action={allowed ? mapThis : null} />}
        {data.paths.length > shownAtFirst && (
          <Group>
            <Button variant="subtle" size="compact-sm" onClick={() => setShowsAll(!showsAll)}>
              {showsAll ? 'Show fewer' : `Show ${data.paths.length - shownAtFirst} more`}
            </Button>
          </Group>
        )}
        {data.refused.length > 0 && <Refused refused={data.refused} />}
      </Stack>
    </Paper>
  )
}

function mapThis({ method, path }: PathsView['paths'][number]) {
  return (
    <ButtonLink
      to="/mappings/new"
      search={(before) => ({ ...before, method, path })}
      size="compact-sm"
      variant="default"
      aria-label={`Map ${method} ${path}`}
    >
      Map this
    </ButtonLink>
  )
}

const reasons: Readonly<Record<string, string>> = {
  'dot-segment': 'Dot segments',
  backslash: 'A backslash',
  control: 'Control characters',
  'bad-escape': 'A broken escape',
  'encoded-slash': 'An encoded slash',
  fragment: 'A fragment',
}

function Refused({ refused }: { refused: PathsView['refused'] }) {
  return (
    <section aria-label="Refused paths">
      <Title order={3} size="h5">
        Refused with 400
      </Title>
      <Text size="sm" c="dimmed">
        Paths that can be read two ways reach no service, so that no spelling slips past a mapping.
      </Text>
      <Table.ScrollContainer minWidth={460}>
        <Table verticalSpacing={6}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Why</Table.Th>
              <Table.Th>Method</Table.Th>
              <Table.Th>One of them</Table.Th>
              <Table.Th ta="right">Requests, 24 h</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {refused.map(({ method, why, sample, requests }) => (
              <Table.Tr key={`${method} ${why}`}>
                <Table.Td>{reasons[why] ?? why}</Table.Td>
                <Table.Td>{method}</Table.Td>
                <Table.Td>
                  {sample !== null && <Code style={{ overflowWrap: 'anywhere' }}>{sample}</Code>}
                </Table.Td>
                <Table.Td ta="right">{countText(requests)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </section>
  )
}
