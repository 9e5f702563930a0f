import { Alert, Anchor, Code, List, Text } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import { useEffect, useRef } from 'react'
import { ProblemNotice } from '../ui/problem-notice.tsx'
import { fieldId } from './field-id.ts'
import type { PlacedError, Save } from './use-save.ts'

/** Everything that is wrong in one place, each with a link to its field. Takes the focus when it appears. */
export function ErrorSummary(props: { save: Pick<Save<never>, 'placed' | 'problem'> }) {
  const { placed, problem } = props.save
  const box = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (placed.length > 0 || problem !== null) box.current?.focus()
  }, [placed.length, problem])
  if (placed.length === 0)
    return problem === null ? null : (
      <div ref={box} tabIndex={-1}>
        <ProblemNotice error={problem} />
      </div>
    )
  // The problem often says no more than its one field does.
  const says = placed.some(({ message }) => message === problem?.message) ? '' : (problem?.message ?? '')
  return (
    <Alert
      ref={box}
      tabIndex={-1}
      role="alert"
      color="red"
      variant="light"
      icon={<IconAlertTriangle aria-hidden />}
      title={
        placed.length === 1 ? 'One field needs another look' : `${placed.length} fields need another look`
      }
    >
      {says !== '' && <Text size="sm">{says}</Text>}
      <List size="sm" mt={4}>
        {placed.map((error) => (
          <List.Item key={`${error.path} ${error.message}`}>
            <ErrorLine error={error} />
          </List.Item>
        ))}
      </List>
      {problem?.requestId != null && (
        <Text size="xs" mt="xs">
          Request id <Code>{problem.requestId}</Code>
        </Text>
      )}
    </Alert>
  )
}

function ErrorLine({ error: { field, path, message } }: { error: PlacedError }) {
  if (field === null)
    return (
      <>
        {path !== '' && <Code>{path}</Code>} {message}
      </>
    )
  return (
    <Anchor
      size="sm"
      c="inherit"
      underline="always"
      href={`#${fieldId(field)}`}
      onClick={(event) => {
        event.preventDefault()
        focusField(field)
      }}
    >
      {message}
    </Anchor>
  )
}

function focusField(field: string): void {
  const element = document.getElementById(fieldId(field))
  if (element === null) return
  // A field inside a folded part opens it first.
  for (let at = element.parentElement; at !== null; at = at.parentElement)
    if (at instanceof HTMLDetailsElement) at.open = true
  element.scrollIntoView({ block: 'center' })
  const target = element.matches('input,textarea,select,button')
    ? element
    : element.querySelector<HTMLElement>('input,textarea,select,button')
  target?.focus()
}
