import type { Moves as MovesView } from '@crossfade/contracts/api/preview'
import { percentOfShare } from '@crossfade/contracts/percent'
import { Problem } from '@crossfade/contracts/problems'
import type { Group, Mapping, Snapshot } from '@crossfade/core/model'
import { moves, type Moves } from '@crossfade/core/preview'
import { environmentDefaults } from '../store/default-environment.ts'

/** The mappings and groups a change of a split is about; nothing else has a say in who moves. */
export interface Standing {
  readonly mappings: readonly Mapping[]
  readonly groups: readonly Group[]
}

/** Refuses a change that moves anyone and was not confirmed; `extra.moves` says who (rules 9 and 12). */
export function refuseMoves(before: Standing, after: Standing, confirmed: boolean): void {
  if (confirmed) return
  const moving = moves(snapshotOf(before), snapshotOf(after))
  if (moving.length === 0) return
  const names = moving.map((one) => one.name).join(', ')
  throw new Problem('moves_users', {
    detail: `This would move users of ${names}; look at the preview and confirm`,
    extra: { moves: moving.map(movesView) },
  })
}

export function movesView(found: Moves): MovesView {
  return {
    mappingId: found.mappingId,
    name: found.name,
    intervals: [...found.intervals],
    percentToNew: percentOfShare(found.toNew),
    percentToLegacy: percentOfShare(found.toLegacy),
    reshuffled: found.reshuffled,
  }
}

function snapshotOf({ mappings, groups }: Standing): Snapshot {
  const environment = { ...environmentDefaults, id: 'preview', name: 'preview' }
  return { epoch: '', revision: 1, environment, services: [], segments: [], mappings, groups }
}
