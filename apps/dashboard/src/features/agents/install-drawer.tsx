import {
  agentTokenCreatedSchema,
  agentTokenInputSchema,
  type AgentTokenView,
  type AgentView,
} from '@crossfade/contracts/api/agents'
import {
  Alert,
  Button,
  Code,
  Drawer,
  Group,
  Loader,
  Paper,
  Radio,
  Stack,
  Tabs,
  Text,
  TextInput,
} from '@mantine/core'
import { IconCircleCheck } from '@tabler/icons-react'
import { useState } from 'react'
import type { z } from 'zod'
import { api } from '../../shared/api.ts'
import { ErrorSummary } from '../../shared/forms/error-summary.tsx'
import { fieldId } from '../../shared/forms/field-id.ts'
import { SecretOnce } from '../../shared/forms/secret-once.tsx'
import { useDraft } from '../../shared/forms/use-draft.ts'
import { issuesOf, useSave } from '../../shared/forms/use-save.ts'
import { CopyButton } from '../../shared/ui/copy-button.tsx'
import { installLines } from './install-lines.ts'

type Created = z.infer<typeof agentTokenCreatedSchema>
type Uses = AgentTokenView['uses']

/** Makes a token, shows the lines to paste, and turns green by itself when the agent connects. */
export function InstallDrawer(props: {
  environmentId: string
  agents: readonly AgentView[]
  onClose: () => void
}) {
  const { environmentId } = props
  const [created, setCreated] = useState<{ token: Created; known: ReadonlySet<string> } | null>(null)
  const save = useSave<{ name: string; environmentId: string; uses: Uses }, Created>({
    objectKind: 'agent-token',
    fieldOf: (path) => (path === 'name' ? 'agentName' : null),
    send: (input, options) => api.send('POST', '/agent-tokens', input, agentTokenCreatedSchema, options),
    onSaved: (token) =>
      setCreated({
        token,
        known: new Set(props.agents.filter(({ state }) => state === 'online').map(({ id }) => id)),
      }),
  })
  const [uses, setUses] = useState<Uses>('once')
  const form = useDraft({ agentName: freeName(props.agents) }, save)
  const submit = () => {
    const input = { name: form.draft.agentName.trim(), environmentId, uses }
    const issues = issuesOf(agentTokenInputSchema.safeParse(input))
    if (issues.length > 0) save.refuse(issues)
    else save.send(input)
  }
  const arrived =
    created === null
      ? undefined
      : props.agents.find(({ id, state }) => state === 'online' && !created.known.has(id))
  return (
    <Drawer
      opened
      onClose={props.onClose}
      position="right"
      size="xl"
      title="Install an agent"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {created === null ? (
        <form
          noValidate
          onSubmit={(event) => {
            event.preventDefault()
            submit()
          }}
        >
          <Stack>
            <ErrorSummary save={save} />
            <Text size="sm">
              An agent dials out to this control plane, so nothing has to be opened towards it. It joins with
              a token, and lives on keys of its own from then on.
            </Text>
            <Radio.Group
              label="Who joins with the token"
              value={uses}
              onChange={(value) => setUses(value === 'many' ? 'many' : 'once')}
            >
              <Stack gap="xs" mt="xs">
                <Radio value="once" label="One agent" description="Good once, within 24 hours." />
                <Radio
                  value="many"
                  label="A fleet of interchangeable agents"
                  description="For agents that are started and stopped by a machine. Whoever reads it can add an agent to this environment and see its snapshot, until you revoke it; that revokes every agent that joined with it."
                />
              </Stack>
            </Radio.Group>
            <TextInput
              data-autofocus
              id={fieldId('agentName')}
              label={uses === 'once' ? 'Name of the agent' : 'Name of the token'}
              description={
                uses === 'once'
                  ? 'As it will stand in the fleet'
                  : 'Its agents are called by their host names'
              }
              value={form.draft.agentName}
              error={save.errorOf('agentName')}
              onChange={(event) => form.set('agentName', event.currentTarget.value)}
            />
            <Group justify="flex-end">
              <Button type="submit" loading={save.isSaving}>
                Create the token
              </Button>
            </Group>
          </Stack>
        </form>
      ) : (
        <Stack>
          <SecretOnce label="Agent token" secret={created.token.token} />
          <Lines token={created.token} />
          <div aria-live="polite">
            {arrived === undefined ? (
              <Paper withBorder p="md">
                <Group>
                  <Loader size="sm" aria-hidden />
                  <Text size="sm">
                    Waiting for {created.token.uses === 'once' ? created.token.name : 'the first agent'}. This
                    turns green by itself when the agent connects.
                  </Text>
                </Group>
              </Paper>
            ) : (
              <Alert
                color="green"
                variant="light"
                icon={<IconCircleCheck aria-hidden />}
                title={`${arrived.name} is connected`}
              >
                {arrived.running === null
                  ? 'It is fetching its first snapshot.'
                  : `It runs revision ${arrived.running.revision}. Point traffic at it when you are ready.`}
              </Alert>
            )}
          </div>
          <Group justify="flex-end">
            <Button variant={arrived === undefined ? 'default' : 'filled'} onClick={props.onClose}>
              {arrived === undefined ? 'Close' : 'Done'}
            </Button>
          </Group>
        </Stack>
      )}
    </Drawer>
  )
}

/** `edge-3`: the first number nobody has. */
function freeName(agents: readonly AgentView[]): string {
  const taken = new Set(agents.map(({ name }) => name))
  let number = 1
  while (taken.has(`edge-${number}`)) number++
  return `edge-${number}`
}

function Lines(props: { token: Created }) {
  const { token, name, uses } = props.token
  const controlUrl = window.location.origin
  const lines = installLines({ controlUrl, token, name: uses === 'once' ? name : null })
  return (
    <Tabs defaultValue="npx" keepMounted={false}>
      <Tabs.List mb="sm">
        {lines.map(({ id, label }) => (
          <Tabs.Tab key={id} value={id}>
            {label}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {lines.map(({ id, label, hint, text }) => (
        <Tabs.Panel key={id} value={id}>
          <Group justify="space-between" mb={4} wrap="nowrap">
            <Text size="sm" c="dimmed">
              {hint}
            </Text>
            <CopyButton value={text} label={`Copy the ${label} lines`} />
          </Group>
          <Code block style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
            {text}
          </Code>
        </Tabs.Panel>
      ))}
    </Tabs>
  )
}
