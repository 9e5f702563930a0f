import { ActionIcon, Button, Group, Input, Stack, Text, TextInput } from '@mantine/core'
import { IconPlus, IconX } from '@tabler/icons-react'
import { fieldId } from '../../shared/forms/field-id.ts'
import type { EnvironmentDraft } from './environment-draft.ts'

type Values = EnvironmentDraft['clientValues']
/** As many as the contract takes. */
const most = 12

/** By which header clients are told apart, and what each kind is called (rule 28). */
export function ClientKinds(props: {
  header: string
  values: Values
  errorOf: (field: string) => string | undefined
  onHeader: (header: string) => void
  onValues: (values: Values) => void
}) {
  const { header, values, errorOf } = props
  const replace = (at: number, edit: Partial<Values[number]>) =>
    props.onValues(values.map((value, index) => (index === at ? { ...value, ...edit } : value)))
  return (
    <>
      <Text size="sm" c="dimmed">
        Both sides of every mapping are also counted by kind of client, so that one broken app does not hide
        in the average.
      </Text>
      <TextInput
        id={fieldId('clientHeader')}
        label="Header that tells clients apart"
        placeholder="Off"
        maw={420}
        value={header}
        error={errorOf('clientHeader')}
        onChange={(event) => {
          props.onHeader(event.currentTarget.value)
          if (values.length === 0) props.onValues([{ label: '', contains: '' }])
        }}
      />
      {header.trim() !== '' && (
        <Input.Wrapper
          label="Kinds"
          description={`The first whose text the header contains; the rest is “other”. At most ${most}.`}
          labelElement="div"
          error={errorOf('clientValues')}
          id={fieldId('clientValues')}
          role="group"
          aria-label="Kinds"
        >
          <Stack gap="xs" mt={6}>
            {values.map((value, at) => (
              // Lines have no identity of their own; their place is it.
              // oxlint-disable-next-line react/no-array-index-key
              <Group key={at} gap="xs" wrap="nowrap" align="flex-start">
                <TextInput
                  flex={1}
                  id={fieldId(`clientValues.${at}.label`)}
                  aria-label={`Name of kind ${at + 1}`}
                  placeholder="iOS app"
                  value={value.label}
                  error={errorOf(`clientValues.${at}.label`)}
                  onChange={(event) => replace(at, { label: event.currentTarget.value })}
                />
                <TextInput
                  flex={1}
                  id={fieldId(`clientValues.${at}.contains`)}
                  aria-label={`Text of kind ${at + 1}`}
                  placeholder="BooksiOS/"
                  value={value.contains}
                  error={errorOf(`clientValues.${at}.contains`)}
                  onChange={(event) => replace(at, { contains: event.currentTarget.value })}
                />
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  size="lg"
                  aria-label={`Remove kind ${at + 1}`}
                  onClick={() => props.onValues(values.filter((_, index) => index !== at))}
                >
                  <IconX size={16} aria-hidden />
                </ActionIcon>
              </Group>
            ))}
            {values.length < most && (
              <Group>
                <Button
                  variant="subtle"
                  size="compact-sm"
                  leftSection={<IconPlus size={14} aria-hidden />}
                  onClick={() => props.onValues([...values, { label: '', contains: '' }])}
                >
                  Add kind
                </Button>
              </Group>
            )}
          </Stack>
        </Input.Wrapper>
      )}
    </>
  )
}
