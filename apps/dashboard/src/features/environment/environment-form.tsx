import {
  environmentInputSchema,
  environmentViewSchema,
  type EnvironmentInput,
  type EnvironmentView,
} from '@crossfade/contracts/api/environments'
import {
  Button,
  Group,
  Paper,
  Radio,
  Select,
  SimpleGrid,
  Stack,
  Switch,
  TagsInput,
  Text,
  TextInput,
  Title,
} from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { api } from '../../shared/api.ts'
import { AllowedButton } from '../../shared/forms/allowed-button.tsx'
import { CheckFields } from '../../shared/forms/check-fields.tsx'
import { ConflictDialog } from '../../shared/forms/conflict-dialog.tsx'
import { ErrorSummary } from '../../shared/forms/error-summary.tsx'
import { fieldId } from '../../shared/forms/field-id.ts'
import { LeaveGuard } from '../../shared/forms/leave-guard.tsx'
import { useDraft } from '../../shared/forms/use-draft.ts'
import { issuesOf, useSave } from '../../shared/forms/use-save.ts'
import { segmentsQuery, servicesQuery } from '../../shared/queries.ts'
import { toast } from '../../shared/ui/toast.ts'
import { CallerKeys } from './caller-keys.tsx'
import { ClientKinds } from './client-kinds.tsx'
import { DefaultServices } from './default-services.tsx'
import {
  draftOfEnvironment,
  environmentFieldOf,
  inputOfEnvironment,
  type EnvironmentDraft,
} from './environment-draft.ts'
import { IssuerList } from './issuer-list.tsx'

/** All rules of an environment, saved as one change. */
export function EnvironmentForm(props: {
  environment: EnvironmentView
  onSaved: (saved: EnvironmentView) => void
  onReload: () => void
}) {
  const { environment } = props
  const services = useQuery(servicesQuery(environment.id))
  const segments = useQuery(segmentsQuery(environment.id))
  const save = useSave<EnvironmentInput, EnvironmentView>({
    objectKind: 'environment',
    fieldOf: (path): string | null => environmentFieldOf(path, form.draft),
    send: (input, options) =>
      api.send('PUT', `/environments/${environment.id}`, input, environmentViewSchema, options),
    onSaved: (saved): void => {
      toast(`${saved.name} is saved; agents have it within moments`)
      form.reset(draftOfEnvironment(saved))
      props.onSaved(saved)
    },
  })
  const form = useDraft<EnvironmentDraft>(draftOfEnvironment(environment), save)
  const { draft, set } = form
  const submit = () => {
    // Empty lines are not sent; without them the places in messages are those on screen.
    set(
      'hostDefaults',
      draft.hostDefaults.filter(({ host, serviceId }) => host.trim() !== '' || serviceId !== ''),
    )
    const input = inputOfEnvironment(draft)
    const issues = issuesOf(environmentInputSchema.safeParse(input))
    if (issues.length > 0) save.refuse(issues)
    else save.send(input, environment.version)
  }
  return (
    <form
      noValidate
      aria-label="Environment"
      onSubmit={(event) => {
        event.preventDefault()
        submit()
      }}
    >
      <Stack gap="lg">
        <ErrorSummary save={save} />
        <Part title="Name">
          <TextInput
            id={fieldId('name')}
            aria-label="Name"
            maw={420}
            value={draft.name}
            error={save.errorOf('name')}
            onChange={(event) => set('name', event.currentTarget.value)}
          />
        </Part>
        <Part title="Default services">
          <DefaultServices
            draft={draft}
            services={services.data ?? []}
            errorOf={save.errorOf}
            onDefault={(serviceId) => set('defaultServiceId', serviceId)}
            onHosts={(next) => set('hostDefaults', next)}
          />
        </Part>
        <Part title="Paths that can be read two ways">
          <SimpleGrid cols={{ base: 1, sm: 2 }}>
            <Radio.Group
              id={fieldId('ambiguous')}
              label="Dot segments, backslashes, broken escapes"
              value={draft.ambiguous}
              error={save.errorOf('ambiguous')}
              onChange={(value) => set('ambiguous', value === 'refuse' ? 'refuse' : 'pass-unmapped')}
            >
              <Stack gap="xs" mt="xs">
                <Radio
                  value="refuse"
                  label="Refuse with 400"
                  description="No spelling slips past a mapping."
                />
                <Radio
                  value="pass-unmapped"
                  label="Pass to the default service"
                  description="For old clients that send such paths."
                />
              </Stack>
            </Radio.Group>
            <Radio.Group
              id={fieldId('encodedSlash')}
              label="%2F in a path"
              value={draft.encodedSlash}
              error={save.errorOf('encodedSlash')}
              onChange={(value) => set('encodedSlash', encodedSlashOf(value))}
            >
              <Stack gap="xs" mt="xs">
                <Radio
                  value="auto"
                  label="Keep until callers are checked"
                  description="Refused with 400 from the first check on, so that no spelling slips past one."
                />
                <Radio value="keep" label="Keep as it is" description="It never counts as a slash." />
                <Radio
                  value="refuse"
                  label="Refuse with 400"
                  description="Where a service might decode it and see another path."
                />
              </Stack>
            </Radio.Group>
          </SimpleGrid>
        </Part>
        <Part title="Proxies in front of the agents">
          <TagsInput
            id={fieldId('trustedHops')}
            label="Trusted hops"
            description="Networks whose X-Forwarded-* and request ids are believed; from anyone else they are replaced."
            placeholder={draft.trustedHops.length === 0 ? '10.0.0.0/8' : ''}
            acceptValueOnBlur
            value={[...draft.trustedHops]}
            error={save.errorOf('trustedHops')}
            onChange={(next) => set('trustedHops', next)}
          />
          <Switch
            id={fieldId('sendForwarded')}
            label="Also send Forwarded (RFC 7239)"
            checked={draft.sendForwarded}
            onChange={(event) => set('sendForwarded', event.currentTarget.checked)}
          />
        </Part>
        <Part title="Trusted callers and forced sides">
          <Text size="sm" c="dimmed">
            A caller on the list may name a side for one request, also at 0 %. Anyone else is ignored.
          </Text>
          <SimpleGrid cols={{ base: 1, xs: 2 }}>
            <TextInput
              id={fieldId('forcedHeader')}
              label="Header that names the side"
              placeholder="Off"
              value={draft.forcedHeader}
              error={save.errorOf('forcedHeader')}
              onChange={(event) => set('forcedHeader', event.currentTarget.value)}
            />
            <TextInput
              id={fieldId('forcedCookie')}
              label="Cookie that names the side"
              placeholder="Off"
              value={draft.forcedCookie}
              error={save.errorOf('forcedCookie')}
              onChange={(event) => set('forcedCookie', event.currentTarget.value)}
            />
          </SimpleGrid>
          <CallerKeys
            digests={draft.keyDigests}
            error={save.errorOf('keyDigests')}
            onChange={(next) => set('keyDigests', next)}
          />
          <Select
            id={fieldId('callerSegmentId')}
            label="Or everyone in this segment"
            placeholder="Nobody besides the keys"
            clearable
            clearButtonProps={{ 'aria-label': 'No segment' }}
            searchable
            data={(segments.data ?? []).map(({ id, name }) => ({ value: id, label: name }))}
            value={draft.callerSegmentId === '' ? null : draft.callerSegmentId}
            error={save.errorOf('callerSegmentId')}
            onChange={(segmentId) => set('callerSegmentId', segmentId ?? '')}
          />
        </Part>
        <Part title="Issuers of tokens">
          <IssuerList
            issuers={draft.issuers}
            errorOf={save.errorOf}
            onChange={(issuers) => set('issuers', issuers)}
          />
        </Part>
        <Part title="What callers must show">
          <SimpleGrid cols={{ base: 1, sm: 2 }}>
            <CheckFields
              field="mapped"
              label="For mappings that do not say otherwise"
              mayInherit={false}
              issuers={draft.issuers.map((issuer) => issuer.name)}
              draft={draft.mapped}
              errorOf={save.errorOf}
              onChange={(mapped) => set('mapped', mapped)}
            />
            <CheckFields
              field="unmapped"
              label="For traffic that no mapping takes"
              mayInherit={false}
              issuers={draft.issuers.map((issuer) => issuer.name)}
              draft={draft.unmapped}
              errorOf={save.errorOf}
              onChange={(unmapped) => set('unmapped', unmapped)}
            />
          </SimpleGrid>
          <SimpleGrid cols={{ base: 1, sm: 2 }} style={{ alignItems: 'end' }}>
            <TextInput
              id={fieldId('apiKeyHeader')}
              label="Header of API keys"
              value={draft.apiKeyHeader}
              error={save.errorOf('apiKeyHeader')}
              onChange={(event) => set('apiKeyHeader', event.currentTarget.value)}
            />
            <Switch
              label="Let CORS preflights through"
              description="Browsers send them without credentials; the service answers them."
              checked={draft.passesPreflight}
              onChange={(event) => set('passesPreflight', event.currentTarget.checked)}
            />
          </SimpleGrid>
        </Part>
        <Part title="Kinds of clients">
          <ClientKinds
            header={draft.clientHeader}
            values={draft.clientValues}
            errorOf={save.errorOf}
            onHeader={(header) => set('clientHeader', header)}
            onValues={(values) => set('clientValues', values)}
          />
        </Part>
        <Group justify="flex-end">
          {form.isDirty && (
            <Button variant="subtle" color="gray" onClick={() => form.reset(draftOfEnvironment(environment))}>
              Discard
            </Button>
          )}
          <AllowedButton
            type="submit"
            permission="environment.edit"
            why={form.isDirty ? '' : 'Nothing is changed'}
            loading={save.isSaving}
          >
            Save environment
          </AllowedButton>
        </Group>
      </Stack>
      <LeaveGuard
        isDirty={form.isDirty && !save.isSaving}
        onDiscard={() => form.reset(draftOfEnvironment(environment))}
      />
      <ConflictDialog
        conflict={save.conflict}
        isSaving={save.isSaving}
        onApplyMine={save.reapply}
        onKeepTheirs={() => {
          save.dismiss()
          props.onReload()
        }}
        onClose={save.dismiss}
      />
    </form>
  )
}

function Part(props: { title: string; children: ReactNode }) {
  return (
    <Paper withBorder p="md" component="section" aria-label={props.title}>
      <Stack gap="sm">
        <Title order={2} size="h5">
          {props.title}
        </Title>
        {props.children}
      </Stack>
    </Paper>
  )
}

function encodedSlashOf(value: string): EnvironmentDraft['encodedSlash'] {
  return value === 'refuse' || value === 'keep' ? value : 'auto'
}
