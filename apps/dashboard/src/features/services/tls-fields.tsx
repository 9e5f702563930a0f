import { Alert, Fieldset, Stack, Switch, Textarea, TextInput } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import { fieldId } from '../../shared/forms/field-id.ts'
import type { ServiceFieldsProps } from './service-draft.ts'

/** How agents and an https service come to trust each other. */
export function TlsFields({ draft, set, errorOf }: ServiceFieldsProps) {
  return (
    <Fieldset legend="TLS, for https instances">
      <Stack gap="sm">
        <Switch
          id={fieldId('verifyTls')}
          label="Verify the certificate"
          checked={draft.verifyTls}
          onChange={(event) => set('verifyTls', event.currentTarget.checked)}
        />
        {!draft.verifyTls && (
          <Alert
            color="orange"
            variant="light"
            icon={<IconAlertTriangle aria-hidden />}
            title="Anybody who answers is believed"
          >
            Whoever is on the way can read and change this traffic. Where the service has a certificate of its
            own authority, name that below instead. This is written to the audit trail as a change of its own.
          </Alert>
        )}
        <TextInput
          id={fieldId('serverName')}
          label="Server name"
          description="When the certificate names another host than the address."
          value={draft.serverName}
          error={errorOf('serverName')}
          onChange={(event) => set('serverName', event.currentTarget.value)}
        />
        <Textarea
          id={fieldId('ca')}
          label="Authority"
          description="Certificates (PEM) that alone are trusted for this service. Empty: the public authorities. Never a key."
          placeholder="-----BEGIN CERTIFICATE-----"
          autosize
          minRows={2}
          maxRows={8}
          styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
          value={draft.ca}
          error={errorOf('ca')}
          onChange={(event) => set('ca', event.currentTarget.value)}
        />
        <TextInput
          id={fieldId('clientCertificate')}
          label="Client certificate"
          description="Its name on the agents: NAME.crt and NAME.key in their CROSSFADE_CLIENT_CERTS. Keys never come here."
          placeholder="edge"
          value={draft.clientCertificate}
          error={errorOf('clientCertificate')}
          onChange={(event) => set('clientCertificate', event.currentTarget.value)}
        />
      </Stack>
    </Fieldset>
  )
}
