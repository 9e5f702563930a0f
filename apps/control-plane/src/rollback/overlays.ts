import type { SignedOverlay } from '@crossfade/contracts/snapshot'
import type { Overlay } from '@crossfade/core/model'
import { canonicalJson } from '@crossfade/runtime/canonical-json'
import type { Signer } from '@crossfade/runtime/seal'
import type { Published } from '../publish/published.ts'

export interface SealedOverlay {
  readonly signed: SignedOverlay
  readonly revision: number
}

/** Ids whose share is to be 0. */
export interface Zeros {
  readonly mappingIds: readonly string[]
  readonly groupIds: readonly string[]
}

export function sealOverlay(
  published: Published,
  zeros: Zeros,
  revision: number,
  signer: Signer,
): SealedOverlay {
  const { environmentId, epoch } = published.header
  const overlay: Overlay = { environmentId, epoch, revision, ...zeros }
  const text = canonicalJson(overlay)
  return { signed: { overlay: text, signature: signer.sign(text) }, revision }
}

/**
 * Everything a snapshot sets to 0 itself: what holds even for an agent that refused the rest of it. Null when
 * nothing is at 0.
 */
export function sealZeros(published: Published | null, signer: Signer): SealedOverlay | null {
  if (published === null) return null
  const { mappings, groups } = published.snapshot
  const zeros = {
    mappingIds: mappings.filter(({ split }) => 'share' in split && split.share === 0).map(({ id }) => id),
    groupIds: groups.filter(({ split }) => split.share === 0).map(({ id }) => id),
  }
  if (zeros.mappingIds.length + zeros.groupIds.length === 0) return null
  return sealOverlay(published, zeros, published.header.revision, signer)
}

export function unionOf(all: readonly Zeros[]): Zeros {
  return {
    mappingIds: [...new Set(all.flatMap((zeros) => zeros.mappingIds))],
    groupIds: [...new Set(all.flatMap((zeros) => zeros.groupIds))],
  }
}
