import type { SegmentView } from '@crossfade/contracts/api/segments'
import { ActionIcon, Group, Input, Select, Stack, Text } from '@mantine/core'
import { IconArrowDown, IconArrowUp, IconX } from '@tabler/icons-react'
import { fieldId } from '../../shared/forms/field-id.ts'
import { AnchorLink } from '../../shared/ui/links.tsx'
import { SideBadge } from '../../shared/ui/side-badge.tsx'
import { moved } from './moved.ts'
import classes from './mapping-form.module.css'

/** Segments in the order they are tried; the first that matches forces its side. */
export function SegmentOrder(props: {
  value: readonly string[]
  segments: readonly SegmentView[]
  error: string | undefined
  onChange: (next: string[]) => void
}) {
  const { value, segments } = props
  const unused = segments.filter(({ id }) => !value.includes(id))
  return (
    <Input.Wrapper
      label="Segments, first match wins"
      labelElement="div"
      error={props.error}
      id={fieldId('segments')}
    >
      <Stack gap="xs" mt={4}>
        {value.length > 0 && (
          <ol className={classes.segments}>
            {value.map((id, at) => {
              const segment = segments.find((known) => known.id === id)
              const name = segment?.name ?? id
              return (
                <li key={id}>
                  <Group gap="xs" wrap="nowrap">
                    <Text size="sm" fw={500} style={{ flex: 1, minWidth: 0 }} truncate>
                      {name}
                    </Text>
                    {segment !== undefined && (
                      <SideBadge side={segment.side} label={`always ${segment.side}`} />
                    )}
                    <Step
                      name={name}
                      to="up"
                      isOff={at === 0}
                      onClick={() => props.onChange(moved(value, at, -1))}
                    />
                    <Step
                      name={name}
                      to="down"
                      isOff={at === value.length - 1}
                      onClick={() => props.onChange(moved(value, at, 1))}
                    />
                    <ActionIcon
                      variant="subtle"
                      color="gray"
                      aria-label={`Remove ${name}`}
                      onClick={() => props.onChange(value.filter((other) => other !== id))}
                    >
                      <IconX size={14} aria-hidden />
                    </ActionIcon>
                  </Group>
                </li>
              )
            })}
          </ol>
        )}
        {unused.length > 0 && (
          <Select
            // A fresh one after each choice: it adds, it does not hold a value.
            key={value.length}
            aria-label="Add a segment"
            placeholder="Add a segment"
            searchable
            data={unused.map(({ id, name }) => ({ value: id, label: name }))}
            value={null}
            onChange={(id) => id !== null && props.onChange([...value, id])}
          />
        )}
        {segments.length === 0 && (
          <Text size="sm" c="dimmed">
            There are none yet. <AnchorLink to="/segments">Segments</AnchorLink> send some requests to one
            side whatever the share.
          </Text>
        )}
      </Stack>
    </Input.Wrapper>
  )
}

function Step(props: { name: string; to: 'up' | 'down'; isOff: boolean; onClick: () => void }) {
  const Icon = props.to === 'up' ? IconArrowUp : IconArrowDown
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      disabled={props.isOff}
      aria-label={`Move ${props.name} ${props.to}`}
      onClick={props.onClick}
    >
      <Icon size={14} aria-hidden />
    </ActionIcon>
  )
}
