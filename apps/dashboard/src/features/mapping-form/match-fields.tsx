import {
  Code,
  Group,
  NativeSelect,
  NumberInput,
  SimpleGrid,
  Stack,
  TagsInput,
  Text,
  TextInput,
} from '@mantine/core'
import type { ReactNode } from 'react'
import { fieldId } from '../../shared/forms/field-id.ts'
import type { FormState } from './form-state.ts'
import type { MappingDraft } from './mapping-draft.ts'

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']

const kinds: readonly {
  value: MappingDraft['pathKind']
  label: string
  placeholder: string
  hint: ReactNode
}[] = [
  { value: 'exact', label: 'Exactly', placeholder: '/v2/books', hint: 'This one path and no other.' },
  {
    value: 'prefix',
    label: 'Everything below',
    placeholder: '/cart',
    hint: (
      <>
        Whole segments: <Code>/cart</Code> covers <Code>/cart/7</Code>, never <Code>/cartography</Code>.
      </>
    ),
  },
  {
    value: 'template',
    label: 'A pattern with names',
    placeholder: '/v2/books/:id',
    hint: (
      <>
        <Code>:id</Code> takes one segment, a last <Code>*rest</Code> takes the remainder. The names can be
        used in the rewrite.
      </>
    ),
  },
  {
    value: 'regex',
    label: 'A regular expression',
    placeholder: '^/(books|authors)/[0-9]+$',
    hint: (
      <>
        RE2 syntax, so it can never run away; look-around is refused. Tried after all other kinds, and
        anchored only where you write <Code>^</Code> and <Code>$</Code>.
      </>
    ),
  },
]

/** Which requests the mapping is about. */
export function MatchFields(props: { form: FormState; errorOf: (field: string) => string | undefined }) {
  const { form, errorOf } = props
  const { draft } = form
  const kind = kinds.find(({ value }) => value === draft.pathKind) ?? kinds[0]
  return (
    <Stack gap="sm">
      <SimpleGrid cols={{ base: 1, xs: 2 }}>
        <TagsInput
          id={fieldId('methods')}
          label="Methods"
          placeholder={draft.methods.length === 0 ? 'Any method' : ''}
          data={methods}
          value={draft.methods}
          acceptValueOnBlur
          error={errorOf('methods')}
          onChange={(next) => form.set({ methods: [...new Set(next.map((method) => method.toUpperCase()))] })}
        />
        <TextInput
          id={fieldId('host')}
          label="Host"
          placeholder="Any host"
          description="Exact, or *.example.com"
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          value={draft.host}
          error={errorOf('host')}
          onChange={(event) => form.set({ host: event.currentTarget.value })}
        />
      </SimpleGrid>
      <Group align="flex-start" gap="sm">
        <NativeSelect
          id={fieldId('pathKind')}
          label="Path"
          w={212}
          data={kinds.map(({ value, label }) => ({ value, label }))}
          value={draft.pathKind}
          error={errorOf('pathKind')}
          onChange={(event) => {
            const next = kinds.find(({ value }) => value === event.currentTarget.value)
            if (next !== undefined) form.set({ pathKind: next.value })
          }}
        />
        <TextInput
          flex="1 1 200px"
          id={fieldId('pathValue')}
          label={draft.pathKind === 'regex' ? 'Expression' : 'Value'}
          required
          placeholder={kind?.placeholder}
          styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
          value={draft.pathValue}
          error={errorOf('pathValue')}
          onChange={(event) => form.set({ pathValue: event.currentTarget.value })}
        />
        {draft.pathKind === 'regex' && (
          <NumberInput
            w={110}
            id={fieldId('position')}
            label="Order"
            min={0}
            max={1_000_000}
            allowDecimal={false}
            value={draft.position}
            error={errorOf('position')}
            onChange={(position) => form.set({ position: Number(position) || 0 })}
          />
        )}
      </Group>
      <Text size="sm" c="dimmed" aria-live="polite">
        {kind?.hint}
        {draft.pathKind === 'regex' && ' Among expressions the lower order is tried first.'}
      </Text>
    </Stack>
  )
}
