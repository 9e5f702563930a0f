import type { Registry } from '@prometheus-io/client'
import type { Clock } from '@crossfade/runtime/clock'
import type { Logger } from '@crossfade/runtime/logger'
import type { Acts } from '../acts/acts.ts'
import type { Audit } from '../audit/audit.ts'
import type { Fleet } from '../link/fleet-types.ts'
import type { Hub } from '../link/hub-types.ts'
import type { LiveFeed } from '../live/live-types.ts'
import type { WebhookActs } from '../notifications/webhooks.ts'
import type { People } from '../people/people.ts'
import type { Publisher } from '../publish/published.ts'
import type { RollBack } from '../rollback/roll-back-types.ts'
import type { SeriesReader } from '../series/series-types.ts'
import type { ControlPlaneSettings } from '../settings.ts'
import type { Store } from '../store/store.ts'
import type { ServerTls } from './server-tls.ts'

/** Everything the API stands on. Routes call these and do nothing themselves. */
export interface HttpParts {
  readonly store: Store
  readonly acts: Acts
  readonly audit: Audit
  readonly people: People
  readonly webhooks: WebhookActs
  readonly fleet: Fleet
  readonly series: SeriesReader
  readonly live: LiveFeed
  readonly link: Hub
  readonly rollBack: RollBack
  readonly publisher: Publisher
  readonly settings: Pick<ControlPlaneSettings, 'publicUrl'>
  readonly clock: Clock
  readonly logger: Logger
  /** The program's version, for the OpenAPI document and `crossfade_build_info`. */
  readonly version: string
  /** Built dashboard; null or an absent folder gives a plain page that says so. */
  readonly dashboardDir: string | null
  /** Null for plain http. */
  readonly tls: ServerTls | null
  /** Where the other parts count too; shown at `/metrics`. */
  readonly metrics: Registry
}
