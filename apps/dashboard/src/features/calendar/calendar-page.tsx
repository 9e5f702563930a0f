import { Stack } from '@mantine/core'
import { PageHeader } from '../../shared/ui/page-header.tsx'
import { FreezeList } from './freeze-list.tsx'
import { LineCard } from './line-card.tsx'

/** When raises are possible, and what happens by itself at a time. */
export function CalendarPage() {
  return (
    <>
      <PageHeader
        title="Calendar"
        description="When the share may go up in this environment. Lowering and Roll back always work."
      />
      <Stack gap="xl">
        <LineCard />
        <FreezeList />
      </Stack>
    </>
  )
}
