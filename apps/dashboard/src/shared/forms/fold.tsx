import { Collapse, Group, Paper, Text, Title, UnstyledButton } from '@mantine/core'
import { IconChevronDown } from '@tabler/icons-react'
import { useId, useState, type ReactNode } from 'react'

/** A part of a form that nobody has to open: closed, one line says what holds. Open while `isOpen` insists. */
export function Fold(props: { title: string; summary: string; isOpen: boolean; children: ReactNode }) {
  const [isToggled, setToggled] = useState(false)
  const id = useId()
  const open = isToggled || props.isOpen
  return (
    <Paper withBorder p="md" component="section" aria-label={props.title}>
      <UnstyledButton w="100%" aria-expanded={open} aria-controls={id} onClick={() => setToggled(!open)}>
        <Group justify="space-between" wrap="nowrap">
          <div>
            <Title order={2} size="h5">
              {props.title}
            </Title>
            <Text size="sm" c="dimmed">
              {props.summary}
            </Text>
          </div>
          <IconChevronDown
            size={18}
            aria-hidden
            style={{ transform: open ? 'rotate(180deg)' : 'none', flex: 'none' }}
          />
        </Group>
      </UnstyledButton>
      <Collapse expanded={open} id={id}>
        {open && <div style={{ paddingTop: 'var(--mantine-spacing-sm)' }}>{props.children}</div>}
      </Collapse>
    </Paper>
  )
}
