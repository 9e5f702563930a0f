import {
  ActionIcon,
  Alert,
  Button,
  Group,
  Input,
  MultiSelect,
  Radio,
  Stack,
  Switch,
  TagsInput,
  TextInput,
} from '@mantine/core'
import { IconPlus, IconX } from '@tabler/icons-react'
import type { CheckDraft } from './check-draft.ts'
import { fieldId } from './field-id.ts'

/** What callers must show: the same fields for a mapping and for an environment's own checks. */
export function CheckFields(props: {
  /** Where these stand on the form: `policy.auth`. */
  field: string
  label: string
  /** An environment's own check inherits from nobody. */
  mayInherit: boolean
  /** By name. */
  issuers: readonly string[]
  draft: CheckDraft
  errorOf: (field: string) => string | undefined
  onChange: (next: CheckDraft) => void
}) {
  const { field, draft, issuers, errorOf } = props
  const edit = (part: Partial<CheckDraft>) => props.onChange({ ...draft, ...part })
  const modes = [
    ...(props.mayInherit ? [{ value: 'inherit', label: 'What the environment says' } as const] : []),
    { value: 'none', label: 'Nothing: anybody may call' } as const,
    { value: 'ask', label: 'A credential' } as const,
  ]
  return (
    <Stack gap="sm">
      <Radio.Group
        id={fieldId(field)}
        label={props.label}
        value={draft.mode}
        error={errorOf(field)}
        onChange={(value) => edit({ mode: modes.find((mode) => mode.value === value)?.value ?? 'none' })}
      >
        <Stack gap="xs" mt="xs">
          {modes.map(({ value, label }) => (
            <Radio key={value} value={value} label={label} />
          ))}
        </Stack>
      </Radio.Group>
      {draft.mode === 'ask' && (
        <>
          <Group>
            <Switch
              label="A token (JWT)"
              checked={draft.jwt}
              onChange={(event) => edit({ jwt: event.currentTarget.checked })}
            />
            <Switch
              label="An API key"
              checked={draft.apiKey}
              onChange={(event) => edit({ apiKey: event.currentTarget.checked })}
            />
          </Group>
          {draft.jwt && issuers.length === 0 && (
            <Alert color="orange" variant="light">
              This environment has no issuer, so no token could be checked. Add one on its page first.
            </Alert>
          )}
          {draft.jwt && (
            <>
              <MultiSelect
                label="Issuers whose tokens count"
                placeholder={draft.issuers.length === 0 ? 'All of the environment' : ''}
                data={[...new Set([...issuers, ...draft.issuers])]}
                value={draft.issuers}
                error={errorOf(`${field}.issuers`)}
                onChange={(next) => edit({ issuers: next })}
              />
              <RequiredClaims claims={draft.claims} onChange={(claims) => edit({ claims })} />
            </>
          )}
          <Switch
            label="Keep credentials from the service"
            checked={draft.drop}
            onChange={(event) => edit({ drop: event.currentTarget.checked })}
          />
        </>
      )}
    </Stack>
  )
}

function RequiredClaims(props: {
  claims: CheckDraft['claims']
  onChange: (next: CheckDraft['claims']) => void
}) {
  const { claims, onChange } = props
  const replace = (at: number, part: Partial<CheckDraft['claims'][number]>) =>
    onChange(claims.map((old, index) => (index === at ? { ...old, ...part } : old)))
  return (
    <Input.Wrapper
      label="Claims a token must carry"
      labelElement="div"
      description="All of them; each with one of its values, or with any. /realm_access/roles reaches further down."
    >
      <Stack gap="xs" mt="xs">
        {claims.map(({ claim, values }, at) => (
          // Lines have no identity of their own; their place is it.
          // oxlint-disable-next-line react/no-array-index-key
          <Group key={at} gap="xs" wrap="nowrap" align="flex-start">
            <TextInput
              flex={1}
              aria-label={`Claim ${at + 1}`}
              placeholder="scope"
              value={claim}
              onChange={(event) => replace(at, { claim: event.currentTarget.value })}
            />
            <TagsInput
              flex={1}
              aria-label={`Values of claim ${at + 1}`}
              placeholder={values.length === 0 ? 'Any value' : ''}
              acceptValueOnBlur
              value={values}
              onChange={(next) => replace(at, { values: next })}
            />
            <ActionIcon
              variant="subtle"
              color="gray"
              size="lg"
              aria-label={`Remove claim ${at + 1}`}
              onClick={() => onChange(claims.filter((_, index) => index !== at))}
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
            onClick={() => onChange([...claims, { claim: '', values: [] }])}
          >
            Add claim
          </Button>
        </Group>
      </Stack>
    </Input.Wrapper>
  )
}
