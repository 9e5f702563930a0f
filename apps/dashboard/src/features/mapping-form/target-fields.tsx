import type { ServiceView } from '@crossfade/contracts/api/services'
import {
  Button,
  Code,
  NativeSelect,
  Select,
  SimpleGrid,
  Stack,
  Switch,
  TagsInput,
  Text,
  TextInput,
} from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconPlus } from '@tabler/icons-react'
import { fieldId } from '../../shared/forms/field-id.ts'
import { useAllowed, WhyNot } from '../../shared/permission.tsx'
import { SideBadge } from '../../shared/ui/side-badge.tsx'
import type { FormState } from './form-state.ts'
import type { TargetDraft } from './mapping-draft.ts'
import { PairsInput } from './pairs-input.tsx'
import { QuickService } from './quick-service.tsx'
import classes from './mapping-form.module.css'

const hosts: readonly { value: TargetDraft['hostKind']; label: string }[] = [
  { value: 'client', label: 'as the client sent it' },
  { value: 'service', label: "the service's own" },
  { value: 'fixed', label: 'always the same' },
]

/** One side: its service, and how requests are changed on the way there. */
export function TargetFields(props: {
  side: 'legacy' | 'new'
  form: FormState
  services: readonly ServiceView[]
  errorOf: (field: string) => string | undefined
}) {
  const { side, form } = props
  const target = form.draft[side]
  const set = (edit: Partial<TargetDraft>) => form.setSide(side, edit)
  const errorOf = (field: keyof TargetDraft) => props.errorOf(`${side}.${field}`)
  const id = (field: keyof TargetDraft) => fieldId(`${side}.${field}`)
  const [isCreating, creating] = useDisclosure()
  const mayCreate = useAllowed('service.edit')
  const edits = countEdits(target)
  return (
    <div className={classes.side} data-side={side} role="group" aria-label={`${side} side`}>
      <Stack gap="sm">
        <SideBadge side={side} />
        <Select
          id={id('serviceId')}
          label={side === 'legacy' ? 'Service that answers today' : 'Service that takes over'}
          placeholder={props.services.length === 0 ? 'No services yet' : 'Choose a service'}
          required
          searchable
          data={props.services.map((service) => ({ value: service.id, label: service.name }))}
          value={target.serviceId === '' ? null : target.serviceId}
          error={errorOf('serviceId')}
          onChange={(serviceId) => set({ serviceId: serviceId ?? '' })}
        />
        <WhyNot why={mayCreate.why}>
          <Button
            variant="subtle"
            size="compact-sm"
            leftSection={<IconPlus size={14} aria-hidden />}
            style={{ alignSelf: 'flex-start' }}
            {...(!mayCreate.allowed && { 'data-disabled': true, 'aria-disabled': true })}
            onClick={() => mayCreate.allowed && creating.open()}
          >
            New service
          </Button>
        </WhyNot>
        <PathRewriteFields {...{ side, form, target, set, errorOf, id }} />
        <details className={classes.more} open={errorOf('querySet') !== undefined || undefined}>
          <summary>
            Query, headers and Host{edits > 0 ? ` (${edits} ${edits === 1 ? 'edit' : 'edits'})` : ''}
          </summary>
          <Stack gap="sm" mt="sm">
            <PairsInput
              field={`${side}.headerSet`}
              label="Set headers"
              item="header"
              value={target.headerSet}
              error={errorOf('headerSet')}
              onChange={(headerSet) => set({ headerSet })}
            />
            <TagsInput
              id={id('headerDrop')}
              label="Drop headers"
              size="xs"
              acceptValueOnBlur
              value={target.headerDrop}
              error={errorOf('headerDrop')}
              onChange={(headerDrop) => set({ headerDrop })}
            />
            <PairsInput
              field={`${side}.querySet`}
              label="Set query parameters"
              item="query parameter"
              value={target.querySet}
              error={errorOf('querySet')}
              onChange={(querySet) => set({ querySet })}
            />
            <TagsInput
              id={id('queryDrop')}
              label="Drop query parameters"
              size="xs"
              acceptValueOnBlur
              value={target.queryDrop}
              error={errorOf('queryDrop')}
              onChange={(queryDrop) => set({ queryDrop })}
            />
            <SimpleGrid cols={2} spacing="xs">
              <NativeSelect
                id={id('hostKind')}
                size="xs"
                label="Host header"
                data={[...hosts]}
                value={target.hostKind}
                error={errorOf('hostKind')}
                onChange={(event) =>
                  set({
                    hostKind:
                      hosts.find(({ value }) => value === event.currentTarget.value)?.value ?? 'client',
                  })
                }
              />
              {target.hostKind === 'fixed' && (
                <TextInput
                  id={id('hostValue')}
                  size="xs"
                  label="Host"
                  value={target.hostValue}
                  error={errorOf('hostValue')}
                  onChange={(event) => set({ hostValue: event.currentTarget.value })}
                />
              )}
            </SimpleGrid>
          </Stack>
        </details>
        <Switch
          id={id('mapBack')}
          label="Map addresses in answers back"
          description="Location, Refresh and cookies that name the service's own address name the public one."
          checked={target.mapBack}
          onChange={(event) => set({ mapBack: event.currentTarget.checked })}
        />
      </Stack>
      {isCreating && (
        <QuickService
          onClose={creating.close}
          onCreated={(service) => {
            set({ serviceId: service.id })
            creating.close()
          }}
        />
      )}
    </div>
  )
}

function PathRewriteFields(props: {
  side: 'legacy' | 'new'
  form: FormState
  target: TargetDraft
  set: (edit: Partial<TargetDraft>) => void
  errorOf: (field: keyof TargetDraft) => string | undefined
  id: (field: keyof TargetDraft) => string
}) {
  const { target, set, errorOf, id, form } = props
  const isPrefix = form.draft.pathKind === 'prefix'
  const kinds: { value: TargetDraft['pathKind']; label: string }[] = [
    { value: 'keep', label: 'Path as received' },
    { value: 'template', label: 'Another path' },
    // A swap that no longer fits stays on offer, so that its error can be understood.
    ...(isPrefix || target.pathKind === 'prefix'
      ? [{ value: 'prefix' as const, label: 'Another prefix' }]
      : []),
  ]
  return (
    <div>
      <SimpleGrid cols={1} spacing="xs">
        <NativeSelect
          id={id('pathKind')}
          label="Send"
          data={kinds}
          value={target.pathKind}
          error={errorOf('pathKind')}
          onChange={(event) =>
            set({ pathKind: kinds.find(({ value }) => value === event.currentTarget.value)?.value ?? 'keep' })
          }
        />
        {target.pathKind !== 'keep' && (
          <TextInput
            id={id('pathValue')}
            label={target.pathKind === 'prefix' ? 'Prefix to send' : 'Path to send'}
            placeholder={target.pathKind === 'prefix' ? '/v3/cart' : '/v3/books/:id'}
            styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
            value={target.pathValue}
            error={errorOf('pathValue')}
            onChange={(event) => set({ pathValue: event.currentTarget.value })}
          />
        )}
      </SimpleGrid>
      {target.pathKind === 'template' && (
        <Text size="xs" c="dimmed" mt={4}>
          Names of the match such as <Code>:id</Code> are filled in as received.
        </Text>
      )}
    </div>
  )
}

function countEdits(target: TargetDraft): number {
  return target.querySet.length + target.queryDrop.length + target.headerSet.length + target.headerDrop.length
}
