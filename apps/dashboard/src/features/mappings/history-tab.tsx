import type { MappingView } from '@crossfade/contracts/api/mappings'
import { Paper } from '@mantine/core'
import { ChangesTimeline } from '../../shared/changes/changes-timeline.tsx'

/** The audit trail of this mapping and its group. */
export function HistoryTab({ mapping }: { mapping: MappingView }) {
  return (
    <Paper withBorder p="lg">
      <ChangesTimeline filter={{ objectId: mapping.id }} follow />
    </Paper>
  )
}
