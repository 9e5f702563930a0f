import { ActionIcon, Button, Group, Input, Stack, TextInput } from '@mantine/core'
import { IconPlus, IconX } from '@tabler/icons-react'
import { fieldId } from '../../shared/forms/field-id.ts'
import type { Pair } from './mapping-draft.ts'

/** Names and values to set, one line each. */
export function PairsInput(props: {
  field: string
  label: string
  /** `header`, `query parameter` */
  item: string
  value: readonly Pair[]
  error: string | undefined
  onChange: (next: Pair[]) => void
}) {
  const { value } = props
  const replace = (at: number, edit: Partial<Pair>) =>
    props.onChange(value.map((pair, index) => (index === at ? { ...pair, ...edit } : pair)))
  return (
    <Input.Wrapper label={props.label} labelElement="div" error={props.error} id={fieldId(props.field)}>
      <Stack gap={6} mt={4}>
        {value.map((pair, at) => (
          // Lines have no identity of their own; their place is it.
          // oxlint-disable-next-line react/no-array-index-key
          <Group key={at} gap={6} wrap="nowrap" role="group" aria-label={`${props.label}, line ${at + 1}`}>
            <TextInput
              flex={1}
              size="xs"
              aria-label={`Name of the ${props.item}`}
              placeholder="name"
              value={pair.name}
              onChange={(event) => replace(at, { name: event.currentTarget.value })}
            />
            <TextInput
              flex={1}
              size="xs"
              aria-label={`Value of the ${props.item}`}
              placeholder="value"
              value={pair.value}
              onChange={(event) => replace(at, { value: event.currentTarget.value })}
            />
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={`Remove line ${at + 1}`}
              onClick={() => props.onChange(value.filter((_, index) => index !== at))}
            >
              <IconX size={14} aria-hidden />
            </ActionIcon>
          </Group>
        ))}
        <Group>
          <Button
            variant="subtle"
            size="compact-xs"
            leftSection={<IconPlus size={12} aria-hidden />}
            onClick={() => props.onChange([...value, { name: '', value: '' }])}
          >
            Add {props.item}
          </Button>
        </Group>
      </Stack>
    </Input.Wrapper>
  )
}
