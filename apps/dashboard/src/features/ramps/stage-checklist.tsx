import type { RampDetail } from '@crossfade/contracts/api/ramps'
import { Checkbox, Stack, Text, Title } from '@mantine/core'
import { useAllowed } from '../../shared/permission.tsx'
import { RelativeTime } from '../../shared/ui/relative-time.tsx'
import type { RampActs } from './use-ramp-acts.ts'

/** What people tick in the active stage; a required item that is open holds it. */
export function StageChecklist({ ramp, acts }: { ramp: RampDetail; acts: RampActs }) {
  const { run, plan } = ramp
  const role = useAllowed('ramp.run')
  const items = plan.stages[run.stage]?.checklist ?? []
  const isOpen = run.status === 'running' || run.status === 'paused'
  if (items.length === 0 || !isOpen) return null
  return (
    <section aria-label="Checklist of this stage">
      <Title order={3} size="h5" mb="xs">
        Checklist of this stage
      </Title>
      <Stack gap="xs">
        {items.map(({ id, text, required }) => {
          const tick = run.ticked.find(({ itemId }) => itemId === id)
          return (
            <Checkbox
              key={id}
              label={`${text}${required ? '' : ' (optional)'}`}
              description={
                tick === undefined ? undefined : (
                  <>
                    {tick.by}, <RelativeTime at={tick.at} />
                  </>
                )
              }
              checked={tick !== undefined}
              aria-disabled={!role.allowed || undefined}
              onChange={(event) => {
                const done = event.currentTarget.checked
                if (!role.allowed || acts.busy !== null) return
                void acts.perform('checklist', { leaving: run.stage, itemId: id, done })
              }}
            />
          )
        })}
        {!role.allowed && (
          <Text size="sm" c="dimmed">
            {role.why}
          </Text>
        )}
      </Stack>
    </section>
  )
}
