import type { AddressPolicy } from '@crossfade/core/address-policy'
import type { Clock } from '@crossfade/runtime/clock'
import type { Store } from '../store/store.ts'
import { apiKeyActs, type ApiKeyActs } from './api-keys.ts'
import { approvalActs, type ApprovalActs } from './approvals.ts'
import { changeActs, type ChangeActs } from './changes.ts'
import { cohortActs, type CohortActs } from './cohorts.ts'
import { freezeActs, type FreezeActs } from './freezes.ts'
import { governanceActs, type GovernanceActs } from './governance.ts'
import { environmentActs, type EnvironmentActs } from './environments.ts'
import { groupActs, type GroupActs } from './groups.ts'
import { mappingActs, type MappingActs } from './mappings.ts'
import { pointOfNoReturnActs, type PointOfNoReturnActs } from './points-of-no-return.ts'
import { previewActs, type PreviewActs } from './previews.ts'
import { refusingRaises } from './raises.ts'
import { rampPersonActs, type RampPersonActs } from './ramp-person-acts.ts'
import { rampReports, type RampReports } from './ramp-reports.ts'
import { rampActs, type RampActs } from './ramps.ts'
import { segmentActs, type SegmentActs } from './segments.ts'
import { serviceActs, type ServiceActs } from './services.ts'
import { shareActs, type ShareActs } from './shares.ts'

/**
 * What each write means: its checks, its refusals (`Problem`), its rows and its audit trail. The API, the journal
 * and later the ramp runner call these and nothing else to change configuration.
 */
export interface BaseActs {
  readonly environments: EnvironmentActs
  readonly apiKeys: ApiKeyActs
  readonly services: ServiceActs
  readonly mappings: MappingActs
  readonly groups: GroupActs
  readonly segments: SegmentActs
  readonly cohorts: CohortActs
  readonly shares: ShareActs
  readonly ramps: RampActs & RampPersonActs & RampReports
  readonly governance: GovernanceActs
  readonly freezes: FreezeActs
  readonly pointsOfNoReturn: PointOfNoReturnActs
  readonly previews: PreviewActs
  readonly changes: ChangeActs
}

export interface Acts extends BaseActs {
  readonly approvals: ApprovalActs
}

export interface ActParts {
  readonly store: Store
  readonly clock: Clock
  /** Bytes for salts and epochs, unpredictable. */
  readonly random: (bytes: number) => Uint8Array
  /** Where configured addresses may lead (rule 30). */
  readonly addresses: AddressPolicy
}

export function createActs(parts: ActParts): Acts {
  const actsOn = (store: Store) => baseActs({ ...parts, store })
  return { ...baseActs(parts), approvals: approvalActs(parts, actsOn) }
}

function baseActs(parts: ActParts): BaseActs {
  // Shares and ramps ask the same gate where they move a share.
  const guarded = { ...parts, store: refusingRaises(parts.store) }
  return {
    environments: environmentActs(guarded),
    apiKeys: apiKeyActs(parts),
    services: serviceActs(guarded),
    mappings: mappingActs(guarded),
    groups: groupActs(guarded),
    segments: segmentActs(guarded),
    cohorts: cohortActs(parts),
    shares: shareActs(parts),
    ramps: { ...rampActs(parts), ...rampPersonActs(parts), ...rampReports(parts) },
    governance: governanceActs(parts),
    freezes: freezeActs(parts),
    pointsOfNoReturn: pointOfNoReturnActs(guarded),
    previews: previewActs(parts),
    changes: changeActs(parts),
  }
}
