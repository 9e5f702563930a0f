import {
  ActionIcon,
  Button,
  Group,
  Input,
  NumberInput,
  Paper,
  Select,
  SimpleGrid,
  Stack,
  TextInput,
} from '@mantine/core'
import { IconPlus, IconX } from '@tabler/icons-react'
import { fieldId } from '../../shared/forms/field-id.ts'
import { emptyLimit, isNamedKey, type LimitDraft } from './policy-draft.ts'

const keys: readonly { readonly value: LimitDraft['keyKind']; readonly label: string }[] = [
  { value: 'all', label: 'Everybody together' },
  { value: 'client-ip', label: 'Each client address' },
  { value: 'header', label: 'Each value of a header' },
  { value: 'cookie', label: 'Each value of a cookie' },
  { value: 'query', label: 'Each value of a query parameter' },
  { value: 'claim', label: 'Each value of a token claim' },
  { value: 'method', label: 'Each method' },
  { value: 'path', label: 'Each path' },
  { value: 'host', label: 'Each host' },
]
const sides: readonly { readonly value: LimitDraft['side']; readonly label: string }[] = [
  { value: 'both', label: 'Both sides' },
  { value: 'legacy', label: 'Legacy only' },
  { value: 'new', label: 'New only' },
]

/** Token buckets: who is counted together, how fast, and how much at once. */
export function LimitFields(props: {
  limits: readonly LimitDraft[]
  errorOf: (field: string) => string | undefined
  onChange: (next: LimitDraft[]) => void
}) {
  const { limits, errorOf } = props
  const replace = (at: number, edit: Partial<LimitDraft>) =>
    props.onChange(limits.map((limit, index) => (index === at ? { ...limit, ...edit } : limit)))
  return (
    <Input.Wrapper
      label="Rate limits"
      description="Callers above one get 429 and are told when to come back."
      labelElement="div"
      error={errorOf('policy.limits')}
      id={fieldId('policy.limits')}
      role="group"
      aria-label="Rate limits"
    >
      <Stack gap="sm" mt={6}>
        {limits.map((limit, at) => {
          const field = (name: string) => `policy.limits.${at}.${name}`
          return (
            // Lines have no identity of their own; their place is it.
            // oxlint-disable-next-line react/no-array-index-key
            <Paper key={at} withBorder p="sm" role="group" aria-label={`Limit ${at + 1}`}>
              <Group wrap="nowrap" align="flex-start">
                <SimpleGrid cols={{ base: 1, xs: 2, md: 3 }} flex={1}>
                  <TextInput
                    id={fieldId(field('name'))}
                    label="Name"
                    placeholder="per client"
                    value={limit.name}
                    error={errorOf(field('name'))}
                    onChange={(event) => replace(at, { name: event.currentTarget.value })}
                  />
                  <Select
                    id={fieldId(field('key'))}
                    label="Counts"
                    allowDeselect={false}
                    data={keys}
                    value={limit.keyKind}
                    error={errorOf(field('key'))}
                    onChange={(kind) =>
                      replace(at, { keyKind: keys.find(({ value }) => value === kind)?.value ?? 'all' })
                    }
                  />
                  {isNamedKey(limit.keyKind) && (
                    <TextInput
                      id={fieldId(field('keyName'))}
                      label={`Name of the ${limit.keyKind}`}
                      value={limit.keyName}
                      error={errorOf(field('keyName'))}
                      onChange={(event) => replace(at, { keyName: event.currentTarget.value })}
                    />
                  )}
                  <Select
                    id={fieldId(field('side'))}
                    label="On"
                    allowDeselect={false}
                    data={sides}
                    value={limit.side}
                    onChange={(side) =>
                      replace(at, { side: sides.find(({ value }) => value === side)?.value ?? 'both' })
                    }
                  />
                  <NumberInput
                    id={fieldId(field('perSecond'))}
                    label="Requests per second"
                    allowNegative={false}
                    value={limit.perSecond}
                    error={errorOf(field('perSecond'))}
                    onChange={(perSecond) => replace(at, { perSecond })}
                  />
                  <NumberInput
                    id={fieldId(field('burst'))}
                    label="At once, at most"
                    allowDecimal={false}
                    allowNegative={false}
                    value={limit.burst}
                    error={errorOf(field('burst'))}
                    onChange={(burst) => replace(at, { burst })}
                  />
                </SimpleGrid>
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  aria-label={`Remove limit ${at + 1}`}
                  onClick={() => props.onChange(limits.filter((_, index) => index !== at))}
                >
                  <IconX size={16} aria-hidden />
                </ActionIcon>
              </Group>
            </Paper>
          )
        })}
        <Group>
          <Button
            variant="subtle"
            size="compact-sm"
            leftSection={<IconPlus size={14} aria-hidden />}
            onClick={() => props.onChange([...limits, emptyLimit()])}
          >
            Add rate limit
          </Button>
        </Group>
      </Stack>
    </Input.Wrapper>
  )
}
