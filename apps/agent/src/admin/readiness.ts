import type { Source } from '../config/configuration.ts'
import type { LinkState } from '../link/link.ts'

/** What readiness looks at, as it stands. */
export interface Condition {
  readonly hasConfiguration: boolean
  readonly isListening: boolean
  readonly isDraining: boolean
  readonly source: Source
  readonly revision: number | null
  readonly link: LinkState
  /** Who this agent is to its control plane, or why it is nobody yet. */
  readonly identity: string
  /** Revoked, and its time to serve is over. */
  readonly hasStopped: boolean
  readonly warnings: readonly string[]
}

export interface Readiness {
  readonly ready: boolean
  readonly checks: readonly { readonly name: string; readonly ok: boolean; readonly detail: string }[]
}

/**
 * Ready with any configuration, wherever it came from: the link counts for nothing (rule 26). Draining is not
 * ready, so that balancers leave before the last request is answered.
 */
export function readiness(condition: Condition): Readiness {
  const { hasConfiguration, isListening, isDraining, hasStopped, identity } = condition
  const checks = [
    {
      name: 'configuration',
      ok: hasConfiguration,
      detail: hasConfiguration
        ? `revision ${condition.revision} from ${condition.source}`
        : `none yet: no stored snapshot, no bootstrap file, and nothing from the control plane (${identity})`,
    },
    { name: 'traffic', ok: isListening, detail: isListening ? 'listening' : 'not listening' },
    ...(hasStopped ? [{ name: 'revoked', ok: false, detail: 'revoked, and its time is over' }] : []),
    { name: 'draining', ok: !isDraining, detail: isDraining ? 'shutting down' : 'no' },
  ]
  return { ready: checks.every(({ ok }) => ok), checks }
}

/** With `?verbose`: also what does not decide. */
export function describe(condition: Condition): object {
  const { ready, checks } = readiness(condition)
  const { link, identity, warnings } = condition
  return { status: ready ? 'ready' : 'not ready', checks, link, identity, warnings }
}
