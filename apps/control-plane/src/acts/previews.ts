import type { z } from 'zod'
import type {
  Explanation,
  explainInputSchema,
  MappingPreview,
  mappingPreviewInputSchema,
  sharePreviewSchema,
} from '@crossfade/contracts/api/preview'
import { shareOfPercent } from '@crossfade/contracts/percent'
import type { Mapping, Share, Snapshot } from '@crossfade/core/model'
import { overlaps } from '@crossfade/core/overlap'
import { isRaise, moves } from '@crossfade/core/preview'
import { findGroup } from '../store/groups.ts'
import { findMapping } from '../store/mappings.ts'
import { loadSnapshot, readSnapshot } from '../store/snapshot.ts'
import type { Db } from '../store/store.ts'
import type { ActParts } from './acts.ts'
import { namedCohort } from './cohorts.ts'
import { explainIn } from './explain.ts'
import { soundMatch } from './mapping-checks.ts'
import { unknownGroup } from './mapping-split.ts'
import { movesView } from './moves.ts'
import { ownCopy } from './own-copy.ts'
import { found } from './refusals.ts'
import type { SharedKind } from './share-holder.ts'

type MappingPreviewInput = z.output<typeof mappingPreviewInputSchema>
type SharePreview = z.infer<typeof sharePreviewSchema>

/** What would happen, computed by the code that makes it happen. Nothing is written. */
export interface PreviewActs {
  mapping(input: MappingPreviewInput): Promise<MappingPreview>
  share(kind: SharedKind, id: string, percent: number): Promise<SharePreview>
  explain(input: z.output<typeof explainInputSchema>): Promise<Explanation>
}

export function previewActs({ store }: ActParts): PreviewActs {
  return {
    async mapping(input) {
      const [snapshot, cohort] = await store.consistent(async (db) => {
        const loaded = await readSnapshot(db, input.environmentId)
        return [loaded.snapshot, await cohortOf(db, input)] as const
      })
      const before = snapshot.mappings.find((mapping) => mapping.id === input.id)
      if (input.id !== null) found(before ?? null, 'mapping')
      const match = soundMatch(input, before?.pointOfNoReturn ?? false)
      const after: Mapping = {
        id: input.id ?? 'new',
        name: input.name,
        match,
        legacy: input.legacy,
        new: input.new,
        split: plannedSplit(input, before, snapshot, cohort),
        segments: input.segments,
        writes: input.writes,
        pointOfNoReturn: before?.pointOfNoReturn ?? false,
        originalUriOnAnswers: input.originalUriOnAnswers,
        policy: input.policy,
      }
      const others = snapshot.mappings.filter((mapping) => mapping.id !== input.id)
      const planned = { ...snapshot, mappings: [...others, after] }
      return {
        overlaps: overlaps(match, others, input.id).map(({ other, winner, sameMatch }) => ({
          id: other.id,
          name: other.name,
          match: ownCopy(other.match),
          winner,
          sameMatch,
        })),
        moves: moves(snapshot, planned).map(movesView),
        isRaise: isRaise(snapshot, planned),
      }
    },

    async share(kind, id, percent) {
      const environmentId = await store.read((db) => environmentOfHolder(db, kind, id))
      const { snapshot } = await loadSnapshot(store, environmentId)
      const after = withShare(snapshot, kind, id, shareOfPercent(percent))
      return { moves: moves(snapshot, after).map(movesView), isRaise: isRaise(snapshot, after) }
    },

    explain: async (input) => explainIn((await loadSnapshot(store, input.environmentId)).snapshot, input),
  }
}

async function cohortOf(db: Db, { environmentId, split }: MappingPreviewInput): Promise<string | null> {
  if (split.kind === 'group' || split.cohortId === null) return null
  return (await namedCohort(db, environmentId, split.cohortId)).salt
}

/** As `planSplit` would have it; a cohort that is still to be made is like no other. */
function plannedSplit(
  { split }: MappingPreviewInput,
  before: Mapping | undefined,
  { groups }: Snapshot,
  cohort: string | null,
): Mapping['split'] {
  if (split.kind === 'group') {
    if (!groups.some((group) => group.id === split.groupId)) throw unknownGroup(split.groupId)
    return { groupId: split.groupId }
  }
  const current = before?.split
  const kept =
    current && 'groupId' in current ? groups.find((group) => group.id === current.groupId)?.split : current
  return {
    share: kept?.share ?? 0,
    cohort: cohort ?? kept?.cohort ?? 'a cohort of its own',
    identity: split.identity ?? kept?.identity ?? { kind: 'request' },
    missing: split.missing ?? kept?.missing ?? 'legacy',
  }
}

async function environmentOfHolder(db: Db, kind: SharedKind, id: string): Promise<string> {
  const row = kind === 'group' ? await findGroup(db, id) : await findMapping(db, id)
  return found(row, kind).environmentId
}

/** A member's share is its group's. */
function withShare(snapshot: Snapshot, kind: SharedKind, id: string, share: Share): Snapshot {
  const mapping = kind === 'mapping' ? snapshot.mappings.find((one) => one.id === id) : undefined
  const groupId = mapping && 'groupId' in mapping.split ? mapping.split.groupId : kind === 'group' ? id : null
  if (groupId !== null) {
    const groups = snapshot.groups.map((group) =>
      group.id === groupId ? { ...group, split: { ...group.split, share } } : group,
    )
    return { ...snapshot, groups }
  }
  const mappings = snapshot.mappings.map((one) =>
    one.id === id && !('groupId' in one.split) ? { ...one, split: { ...one.split, share } } : one,
  )
  return { ...snapshot, mappings }
}
