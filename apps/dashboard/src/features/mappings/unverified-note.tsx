import type { MappingView } from '@crossfade/contracts/api/mappings'
import { Alert, Text } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useEnvironmentId } from '../../shared/environment.ts'
import { listText } from '../../shared/format.ts'
import { servicesQuery } from '../../shared/queries.ts'
import { AnchorLink } from '../../shared/ui/links.tsx'

/** Says that a side's service is believed whoever answers; nothing while certificates are verified. */
export function UnverifiedNote({ mapping }: { mapping: MappingView }) {
  const services = useQuery(servicesQuery(useEnvironmentId()))
  const used = new Set([mapping.legacy.serviceId, mapping.new.serviceId])
  const unverified = (services.data ?? []).filter(({ id, tls }) => used.has(id) && !tls.verify)
  const [first] = unverified
  if (first === undefined) return null
  return (
    <Alert
      role="status"
      variant="light"
      color="orange"
      icon={<IconAlertTriangle aria-hidden />}
      title={`TLS certificates are not verified: ${listText(unverified.map(({ name }) => name))}`}
      data-testid="unverified"
    >
      <Text size="sm">
        Whoever is on the way can read and change this traffic.{' '}
        <AnchorLink to="/services" search={{ edit: first.id }} size="sm">
          Name the authority instead
        </AnchorLink>
      </Text>
    </Alert>
  )
}
