import type { RampDetail } from '@crossfade/contracts/api/ramps'
import { Alert } from '@mantine/core'
import {
  IconAlertTriangle,
  IconHandMove,
  IconHeartBroken,
  IconPhoneCall,
  IconPlugConnectedX,
} from '@tabler/icons-react'
import { useNow } from '../../shared/clock.tsx'
import { percentText } from '../../shared/format.ts'
import { RelativeTime } from '../../shared/ui/relative-time.tsx'

const staleAfterMs = 60_000

/** What is out of the ordinary, said plainly and before everything else. */
export function RampAlerts({ ramp }: { ramp: RampDetail }) {
  const { run } = ramp
  const now = useNow(5_000)
  const isActive = run.status === 'running' || run.status === 'paused'
  const failing = ramp.judgements.filter((one) => one.verdict === 'fail' && !one.dryRun)
  return (
    <>
      {run.status === 'paused' && run.pausedBy === 'hand-move' && (
        <Alert
          color="yellow"
          icon={<IconHandMove aria-hidden />}
          title="Paused: the slider was moved by hand"
        >
          The share is {percentText(run.percent)} now. “Resume from here” goes on with the plan from there;
          its stage begins anew.
        </Alert>
      )}
      {run.status === 'paused' && run.pausedBy === 'guardrail' && (
        <Alert color="red" icon={<IconAlertTriangle aria-hidden />} title="Paused by a guardrail">
          {failing.length === 0
            ? 'It does not fail any more. A person resumes the ramp.'
            : failing.map(({ name, words }) => `${name}: ${words}`).join(' · ')}
        </Alert>
      )}
      {ramp.legacyIsWorse !== null && run.status !== 'ended' && (
        <Alert
          color="red"
          icon={<IconHeartBroken aria-hidden />}
          title="Legacy is in worse health: nobody is sent there automatically"
        >
          {ramp.legacyIsWorse}. The ramp holds where it is and calls a person; Roll back still works, if you
          decide so.
        </Alert>
      )}
      {isActive && lacksNumbers(ramp, now) && (
        <Alert
          color="yellow"
          icon={<IconPlugConnectedX aria-hidden />}
          title={
            ramp.judgedAt === null ? (
              'Nothing has been judged yet'
            ) : (
              <>
                No fresh numbers; last judged <RelativeTime at={ramp.judgedAt} />
              </>
            )
          }
        >
          Missing numbers only hold: they never advance the ramp and never roll it back.
        </Alert>
      )}
      {isActive && run.calledAt !== null && (
        <Alert
          color="yellow"
          icon={<IconPhoneCall aria-hidden />}
          title={
            <>
              It has waited too long: people were called <RelativeTime at={run.calledAt} />
            </>
          }
        >
          {run.words} Somebody may advance it with a reason, hold it longer, or roll back.
        </Alert>
      )}
    </>
  )
}

function lacksNumbers({ run, judgedAt, judgements, guardrails }: RampDetail, now: number): boolean {
  if (run.waitsFor === 'metrics' || judgements.some(({ verdict }) => verdict === 'error')) return true
  if (guardrails.length === 0) return false
  const since = judgedAt ?? run.enteredAt
  return since !== null && now - Date.parse(since) > staleAfterMs
}
