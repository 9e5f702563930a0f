import type { ClientsView, SeriesPoint } from '@crossfade/contracts/api/series'
import { Badge, Paper, Table, Text, Title } from '@mantine/core'
import { countText, durationText, ratioText } from '../../shared/format.ts'
import { standsOut } from './stands-out.ts'
import { useClients } from './use-paths.ts'

/** Both sides by kind of client over the last hour: an app that breaks on new stands out. */
export function ClientsTable({ mappingId }: { mappingId: string }) {
  const { data } = useClients(mappingId)
  if (data === undefined || data.clients.length === 0) return null
  return (
    <Paper withBorder px="md" py="sm" component="section" aria-labelledby="clients-heading">
      <Title order={2} size="h4" id="clients-heading">
        By kind of client
      </Title>
      <Text size="sm" c="dimmed">
        The last hour, so that one broken app does not hide in the average.
      </Text>
      <Table.ScrollContainer minWidth={560}>
        <Table verticalSpacing={6} style={{ fontVariantNumeric: 'tabular-nums' }}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Client</Table.Th>
              {(['Legacy', 'New'] as const).map((side) => [
                <Table.Th key="requests" ta="right">
                  {side}: requests
                </Table.Th>,
                <Table.Th key="errors" ta="right">
                  errors
                </Table.Th>,
                <Table.Th key="p95" ta="right">
                  p95
                </Table.Th>,
              ])}
              <Table.Th aria-label="Verdict" />
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {data.clients.map((row) => (
              <Row key={row.client} row={row} />
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Paper>
  )
}

function Row({ row }: { row: ClientsView['clients'][number] }) {
  return (
    <Table.Tr>
      <Table.Td>{row.client}</Table.Td>
      <Numbers point={row.legacy} />
      <Numbers point={row.new} />
      <Table.Td>
        {standsOut(row) && (
          <Badge color="red" variant="light" tt="none">
            fails more on new
          </Badge>
        )}
      </Table.Td>
    </Table.Tr>
  )
}

function Numbers({ point }: { point: SeriesPoint | null }) {
  return (
    <>
      <Table.Td ta="right">{countText(point?.requests ?? 0)}</Table.Td>
      <Table.Td ta="right">
        {point === null || point.requests === 0 ? '–' : ratioText(point.errors / point.requests)}
      </Table.Td>
      <Table.Td ta="right">{point === null || point.p95 === null ? '–' : durationText(point.p95)}</Table.Td>
    </>
  )
}
