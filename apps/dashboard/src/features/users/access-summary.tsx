import type { Access } from '@crossfade/contracts/roles'
import { Text } from '@mantine/core'
import { useEnvironmentNames } from '../../shared/use-environment-names.ts'
import { accessText } from '@crossfade/contracts/access-text'
import { roleWords } from './role-words.ts'

/** What somebody may do, in a row of a table. */
export function AccessSummary({ access }: { access: Access }) {
  const nameOf = useEnvironmentNames()
  return (
    <>
      <Text size="sm">{accessText(access, nameOf)}</Text>
      {access.environments.length === 0 && access.everywhere !== null && (
        <Text size="xs" c="dimmed">
          {roleWords[access.everywhere]}
        </Text>
      )}
    </>
  )
}
