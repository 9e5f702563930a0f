import { ALGORITHMS } from '@crossfade/core/auth/auth'
import {
  Button,
  Group,
  MultiSelect,
  NativeSelect,
  NumberInput,
  Paper,
  SimpleGrid,
  Stack,
  TagsInput,
  Text,
  TextInput,
} from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { fieldId } from '../../shared/forms/field-id.ts'
import { emptyIssuer, type IssuerDraft } from './issuer-draft.ts'

/** Whose tokens are believed in this environment. */
export function IssuerList(props: {
  issuers: readonly IssuerDraft[]
  errorOf: (field: string) => string | undefined
  onChange: (next: IssuerDraft[]) => void
}) {
  const { issuers } = props
  const nextKey = () => String(1 + Math.max(-1, ...issuers.map(({ key }) => Number(key))))
  return (
    <Stack gap="sm">
      {issuers.length === 0 && (
        <Text size="sm" c="dimmed">
          No issuer: tokens are not looked at, and claims are empty.
        </Text>
      )}
      {issuers.map((issuer, at) => (
        <IssuerCard
          key={issuer.key}
          issuer={issuer}
          at={at}
          errorOf={(field) => props.errorOf(`issuers.${at}.${field}`)}
          onChange={(next) => props.onChange(issuers.map((old) => (old.key === next.key ? next : old)))}
          onRemove={() => props.onChange(issuers.filter(({ key }) => key !== issuer.key))}
        />
      ))}
      <Group>
        <Button
          variant="subtle"
          size="compact-sm"
          leftSection={<IconPlus size={14} aria-hidden />}
          onClick={() => props.onChange([...issuers, emptyIssuer(nextKey())])}
        >
          Add issuer
        </Button>
      </Group>
    </Stack>
  )
}

function IssuerCard(props: {
  issuer: IssuerDraft
  at: number
  errorOf: (field: string) => string | undefined
  onChange: (next: IssuerDraft) => void
  onRemove: () => void
}) {
  const { issuer, at, errorOf } = props
  const edit = (part: Partial<IssuerDraft>) => props.onChange({ ...issuer, ...part })
  const text = (field: 'name' | 'issuer' | 'jwksUrl', label: string, placeholder: string, hint?: string) => (
    <TextInput
      id={fieldId(`issuers.${at}.${field}`)}
      label={label}
      description={hint}
      inputWrapperOrder={['label', 'input', 'description', 'error']}
      placeholder={placeholder}
      value={issuer[field]}
      error={errorOf(field)}
      onChange={(event) => edit({ [field]: event.currentTarget.value })}
    />
  )
  return (
    <Paper withBorder p="sm" role="group" aria-label={`Issuer ${at + 1}`}>
      <Stack gap="sm">
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          {text('name', 'Name', 'login', 'What mappings call it.')}
          {text('issuer', 'Issuer (iss)', 'https://login.example.com/', 'Compared character by character.')}
        </SimpleGrid>
        {text(
          'jwksUrl',
          'Address of its keys (JWKS)',
          'https://login.example.com/.well-known/jwks.json',
          /^http:/i.test(issuer.jwksUrl.trim())
            ? 'Plain http: whoever can change the answer on its way can make tokens.'
            : undefined,
        )}
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <TagsInput
            id={fieldId(`issuers.${at}.audiences`)}
            label="Audiences (aud)"
            placeholder={issuer.audiences.length === 0 ? 'One of them must be in the token' : ''}
            acceptValueOnBlur
            value={[...issuer.audiences]}
            error={errorOf('audiences')}
            onChange={(audiences) => edit({ audiences })}
          />
          <MultiSelect
            id={fieldId(`issuers.${at}.algorithms`)}
            label="Algorithms"
            data={[...ALGORITHMS]}
            value={[...issuer.algorithms]}
            error={errorOf('algorithms')}
            onChange={(algorithms) => edit({ algorithms })}
          />
        </SimpleGrid>
        <SimpleGrid cols={{ base: 1, sm: 3 }}>
          <NativeSelect
            label="The token comes in a"
            data={['header', 'cookie']}
            value={issuer.place}
            onChange={(event) =>
              edit(
                event.currentTarget.value === 'cookie'
                  ? { place: 'cookie', placeName: '' }
                  : { place: 'header', placeName: 'authorization' },
              )
            }
          />
          <TextInput
            id={fieldId(`issuers.${at}.from`)}
            label={`Name of the ${issuer.place}`}
            value={issuer.placeName}
            error={errorOf('from')}
            onChange={(event) => edit({ placeName: event.currentTarget.value })}
          />
          <NumberInput
            id={fieldId(`issuers.${at}.leewaySeconds`)}
            label="Clocks may differ by"
            suffix=" s"
            allowDecimal={false}
            allowNegative={false}
            value={issuer.leewaySeconds}
            error={errorOf('leewaySeconds')}
            onChange={(leewaySeconds) => edit({ leewaySeconds })}
          />
        </SimpleGrid>
        <Group justify="flex-end">
          <Button variant="subtle" color="gray" size="compact-sm" onClick={props.onRemove}>
            Remove issuer {at + 1}
          </Button>
        </Group>
      </Stack>
    </Paper>
  )
}
