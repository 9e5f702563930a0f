import { Group, Loader, Text } from '@mantine/core'
import { IconAlertTriangle, IconCircleCheck } from '@tabler/icons-react'
import { useNow } from '../../shared/clock.tsx'
import { durationText, listText } from '../../shared/format.ts'
import { progressOf, type Progress } from '../live/convergence.ts'
import { useLive } from '../live/live-provider.tsx'
import type { Accepted } from './use-share.ts'

const nameAgentsAfterMs = 5_000

export function useProgress(accepted: Accepted | null): Progress | null {
  const view = useLive((state) => state.view)
  if (accepted === null || view === null) return null
  return progressOf(view, accepted.result.revision, accepted.act === 'rollback')
}

/** `live on 2 of 2 agents in 0.3 s`; names who has not confirmed after five seconds. */
export function progressWords(progress: Progress | null, waitedMs: number): string {
  if (progress === null) return 'accepted; waiting for word from the agents'
  if (progress.total === 0) return 'accepted; no agent is connected, each takes it up when it comes back'
  const count = `live on ${progress.live} of ${progress.total} ${progress.total === 1 ? 'agent' : 'agents'}`
  if (progress.isLive) return progress.ms === null ? count : `${count} in ${secondsText(progress.ms)}`
  if (waitedMs < nameAgentsAfterMs) return `accepted, ${count}`
  return `accepted, ${count} - waiting for ${listText(progress.waitingFor)}`
}

function secondsText(ms: number): string {
  return ms < 100 ? durationText(ms) : `${(ms / 1000).toFixed(1)} s`
}

/** Accepted and live are two things; this never says "done" before live. */
export function LiveNote({ accepted }: { accepted: Accepted }) {
  const progress = useProgress(accepted)
  const now = useNow(500)
  const words = progressWords(progress, now - accepted.at)
  const late = progress?.isLive === false && now - accepted.at >= nameAgentsAfterMs
  return (
    <Group gap={6} wrap="nowrap" data-testid="live-note">
      {progress?.isLive === true ? (
        <IconCircleCheck size={18} color="var(--cf-good)" aria-hidden />
      ) : late ? (
        <IconAlertTriangle size={18} color="var(--cf-warn)" aria-hidden />
      ) : (
        <Loader size={14} aria-hidden />
      )}
      <Text size="sm">
        {words[0]?.toUpperCase()}
        {words.slice(1)}
        {!accepted.result.recorded && '. The database is away; the audit trail gets it later'}
      </Text>
    </Group>
  )
}
