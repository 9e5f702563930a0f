import type { Attribute } from '@crossfade/core/model'
import {
  ActionIcon,
  Button,
  Group,
  Input,
  NativeSelect,
  Stack,
  TagsInput,
  Text,
  TextInput,
  Paper,
} from '@mantine/core'
import { IconPlus, IconX } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useEnvironmentId } from '../../shared/environment.ts'
import { claimHint } from '../../shared/forms/claim-hint.ts'
import { fieldId } from '../../shared/forms/field-id.ts'
import { environmentQuery, issuersOf } from '../../shared/queries.ts'
import { emptyCondition, type ConditionDraft } from './segment-draft.ts'
import { attributeWords, operatorHints, operatorsFor, operatorWords } from './segment-sentence.ts'

const kinds: readonly Attribute['kind'][] = [
  'header',
  'cookie',
  'query',
  'client-ip',
  'method',
  'path',
  'host',
  'claim',
]
const named = new Set<Attribute['kind']>(['header', 'cookie', 'query', 'claim'])

/** All of these must hold. */
export function ConditionList(props: {
  conditions: readonly ConditionDraft[]
  errorOf: (field: string) => string | undefined
  onChange: (next: ConditionDraft[]) => void
}) {
  const { conditions } = props
  const nextKey = () => String(1 + Math.max(-1, ...conditions.map(({ key }) => Number(key))))
  return (
    <Input.Wrapper
      label="If all of these hold"
      labelElement="div"
      error={props.errorOf('conditions')}
      id={fieldId('conditions')}
    >
      <Stack gap="sm" mt={6}>
        {conditions.map((condition, at) => (
          <ConditionCard
            key={condition.key}
            condition={condition}
            at={at}
            errorOf={props.errorOf}
            onChange={(next) => props.onChange(conditions.map((old) => (old.key === next.key ? next : old)))}
            onRemove={
              conditions.length === 1
                ? null
                : () => props.onChange(conditions.filter(({ key }) => key !== condition.key))
            }
          />
        ))}
        <Group>
          <Button
            variant="subtle"
            size="compact-sm"
            leftSection={<IconPlus size={14} aria-hidden />}
            onClick={() => props.onChange([...conditions, emptyCondition(nextKey())])}
          >
            And another condition
          </Button>
        </Group>
      </Stack>
    </Input.Wrapper>
  )
}

function ConditionCard(props: {
  condition: ConditionDraft
  at: number
  errorOf: (field: string) => string | undefined
  onChange: (next: ConditionDraft) => void
  onRemove: (() => void) | null
}) {
  const { condition, at, errorOf } = props
  const { kind, operator } = condition
  const operators = operatorsFor(kind)
  const environment = useQuery(environmentQuery(useEnvironmentId()))
  return (
    <Paper withBorder p="sm" role="group" aria-label={`Condition ${at + 1}`}>
      <Stack gap="xs">
        <Group gap="xs" align="flex-start" wrap="nowrap">
          <NativeSelect
            flex={1}
            aria-label="Attribute"
            id={fieldId(`conditions.${at}.kind`)}
            data={kinds.map((value) => ({ value, label: attributeWords[value] }))}
            value={kind}
            error={errorOf(`conditions.${at}.kind`)}
            onChange={(event) => {
              const next = kinds.find((value) => value === event.currentTarget.value) ?? 'header'
              const keeps = operatorsFor(next).includes(operator)
              props.onChange({ ...condition, kind: next, operator: keeps ? operator : 'in' })
            }}
          />
          {named.has(kind) && (
            <TextInput
              flex={1}
              aria-label="Name"
              placeholder={kind === 'header' ? 'x-beta' : 'name'}
              id={fieldId(`conditions.${at}.name`)}
              value={condition.name}
              error={errorOf(`conditions.${at}.name`)}
              onChange={(event) => props.onChange({ ...condition, name: event.currentTarget.value })}
            />
          )}
          {props.onRemove !== null && (
            <ActionIcon
              variant="subtle"
              color="gray"
              size="lg"
              aria-label={`Remove condition ${at + 1}`}
              onClick={props.onRemove}
            >
              <IconX size={16} aria-hidden />
            </ActionIcon>
          )}
        </Group>
        <Group gap="xs" align="flex-start" wrap="nowrap">
          <NativeSelect
            flex={1}
            aria-label="Test"
            id={fieldId(`conditions.${at}.operator`)}
            data={operators.map((value) => ({ value, label: operatorWords[value] }))}
            value={operator}
            error={errorOf(`conditions.${at}.operator`)}
            onChange={(event) =>
              props.onChange({
                ...condition,
                operator: operators.find((value) => value === event.currentTarget.value) ?? 'in',
              })
            }
          />
          <TagsInput
            flex={1}
            aria-label="Values"
            placeholder={condition.values.length === 0 ? 'Value, then Enter' : ''}
            id={fieldId(`conditions.${at}.values`)}
            value={[...condition.values]}
            acceptValueOnBlur
            splitChars={[]}
            error={errorOf(`conditions.${at}.values`)}
            onChange={(values) => props.onChange({ ...condition, values })}
          />
        </Group>
        <Text size="xs" c="dimmed">
          {operatorHints[operator]}
          {kind === 'claim' && `. ${claimHint(issuersOf(environment.data))}`}
        </Text>
      </Stack>
    </Paper>
  )
}
