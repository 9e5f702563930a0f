import { ActionIcon, Button, Group, Input, Stack, TextInput } from '@mantine/core'
import { IconPlus, IconX } from '@tabler/icons-react'
import { fieldId } from './field-id.ts'

/** A list of one-line texts, each with its own message (`instances.1`) below its line. */
export function TextList(props: {
  field: string
  label: string
  description?: string
  /** What one line is called: `Instance`. */
  item: string
  placeholder?: string
  value: readonly string[]
  errorOf: (field: string) => string | undefined
  onChange: (next: string[]) => void
}) {
  const { value, item } = props
  const replace = (at: number, text: string) =>
    props.onChange(value.map((old, index) => (index === at ? text : old)))
  return (
    <Input.Wrapper
      label={props.label}
      description={props.description}
      error={props.errorOf(props.field)}
      labelElement="div"
      id={fieldId(props.field)}
      role="group"
      aria-label={props.label}
    >
      <Stack gap="xs" mt={6}>
        {value.map((text, at) => (
          // Lines have no identity of their own; their place is it.
          // oxlint-disable-next-line react/no-array-index-key
          <Group key={at} gap="xs" wrap="nowrap" align="flex-start">
            <TextInput
              flex={1}
              id={fieldId(`${props.field}.${at}`)}
              aria-label={`${item} ${at + 1}`}
              placeholder={props.placeholder}
              value={text}
              error={props.errorOf(`${props.field}.${at}`)}
              onChange={(event) => replace(at, event.currentTarget.value)}
            />
            <ActionIcon
              variant="subtle"
              color="gray"
              size="lg"
              aria-label={`Remove ${item.toLowerCase()} ${at + 1}`}
              onClick={() => props.onChange(value.filter((_, index) => index !== at))}
            >
              <IconX size={16} aria-hidden />
            </ActionIcon>
          </Group>
        ))}
        <Group>
          <Button
            variant="subtle"
            size="compact-sm"
            leftSection={<IconPlus size={14} aria-hidden />}
            onClick={() => props.onChange([...value, ''])}
          >
            Add {item.toLowerCase()}
          </Button>
        </Group>
      </Stack>
    </Input.Wrapper>
  )
}
