import { Code, Table, Text, VisuallyHidden } from '@mantine/core'
import { fieldDiff, readable, type FieldChange } from './field-diff.ts'

/** Field by field, what was and what is; only changes. */
export function DiffTable(props: { before: unknown; after: unknown }) {
  const changes = fieldDiff(props.before, props.after)
  if (changes.length === 0)
    return (
      <Text size="sm" c="dimmed">
        No field differs.
      </Text>
    )
  return (
    <Table.ScrollContainer type="native" minWidth={480}>
      <Table verticalSpacing={4} fz="sm" layout="fixed">
        <Table.Thead>
          <Table.Tr>
            <Table.Th w="28%">Field</Table.Th>
            <Table.Th>Before</Table.Th>
            <Table.Th>After</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {changes.map((change) => (
            <DiffRow key={change.path} change={change} />
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  )
}

function DiffRow({ change: { path, kind, before, after } }: { change: FieldChange }) {
  return (
    <Table.Tr style={{ verticalAlign: 'top' }}>
      <Table.Td>
        <Code style={{ overflowWrap: 'anywhere' }}>{path === '' ? 'value' : path}</Code>
      </Table.Td>
      <Table.Td c="dimmed" style={{ overflowWrap: 'anywhere' }}>
        {kind === 'added' ? (
          <Absent />
        ) : (
          <Text span inherit td="line-through">
            {readable(before)}
          </Text>
        )}
      </Table.Td>
      <Table.Td fw={500} style={{ overflowWrap: 'anywhere' }}>
        {kind === 'removed' ? <Absent /> : readable(after)}
      </Table.Td>
    </Table.Tr>
  )
}

function Absent() {
  return (
    <>
      <span aria-hidden>–</span>
      <VisuallyHidden>not there</VisuallyHidden>
    </>
  )
}
