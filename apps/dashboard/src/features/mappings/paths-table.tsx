import type { PathsView } from '@crossfade/contracts/api/series'
import { Code, Table, Text } from '@mantine/core'
import type { ReactNode } from 'react'
import { countText, ratioText } from '../../shared/format.ts'
import { RelativeTime } from '../../shared/ui/relative-time.tsx'

type Path = PathsView['paths'][number]

/** Paths with ids collapsed, the busiest first. */
export function PathsTable(props: { paths: readonly Path[]; action: ((path: Path) => ReactNode) | null }) {
  const { paths, action } = props
  return (
    <Table.ScrollContainer minWidth={560}>
      <Table verticalSpacing={6}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Method</Table.Th>
            <Table.Th>Path</Table.Th>
            <Table.Th ta="right">Requests, 24 h</Table.Th>
            <Table.Th ta="right" title="As clients saw them">
              Errors
            </Table.Th>
            <Table.Th>Last seen</Table.Th>
            {action !== null && <Table.Th aria-label="What to do" />}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody style={{ fontVariantNumeric: 'tabular-nums' }}>
          {paths.map((path) => (
            <Table.Tr key={`${path.method} ${path.path}`}>
              <Table.Td>{path.method === 'OTHER' ? 'other' : path.method}</Table.Td>
              <Table.Td>
                <Code style={{ overflowWrap: 'anywhere' }}>{path.path}</Code>
              </Table.Td>
              <Table.Td ta="right">{countText(path.requests)}</Table.Td>
              <Table.Td ta="right">
                {path.requests === 0 ? '–' : ratioText(path.errors / path.requests)}
              </Table.Td>
              <Table.Td>
                <Text size="sm" c="dimmed">
                  <RelativeTime at={path.lastSeenAt} />
                </Text>
              </Table.Td>
              {action !== null && <Table.Td ta="right">{action(path)}</Table.Td>}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  )
}
