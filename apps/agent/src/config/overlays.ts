import { overlaySchema } from '@crossfade/contracts/entities'
import type { FieldError } from '@crossfade/contracts/problems'
import type { SignedOverlay, SnapshotHeader } from '@crossfade/contracts/snapshot'
import type { Overlay } from '@crossfade/core/model'
import { parseJson } from '@crossfade/runtime/safe-json'
import { isSignedBy } from '@crossfade/runtime/seal'

/** A roll back as it was signed (its bytes go to disk) and as it reads. */
export interface HeldOverlay {
  readonly signed: SignedOverlay
  readonly overlay: Overlay
}

export type OverlayVerdict =
  | { readonly kind: 'lay'; readonly held: HeldOverlay }
  /** The snapshot that runs contains it already, or it is there. */
  | { readonly kind: 'contained'; readonly overlay: Overlay }
  | { readonly kind: 'refuse'; readonly error: FieldError }

/**
 * What to do with a roll back (rule 19). It can only lower, so it is accepted on top of any base of its
 * environment, also of an agent stuck in an older epoch.
 */
export function receiveOverlay(
  header: SnapshotHeader | null,
  held: readonly HeldOverlay[],
  signed: SignedOverlay,
  trusted: readonly string[],
): OverlayVerdict {
  if (!trusted.some((key) => isSignedBy(key, signed.overlay, signed.signature))) {
    return refuse('signature', 'No key that our token vouches for has signed this roll back')
  }
  const overlay = parseOverlay(signed.overlay)
  if (!overlay) return refuse('overlay', 'Is not a roll back')
  if (header && overlay.environmentId !== header.environmentId) {
    return refuse('overlay.environmentId', `This agent serves environment ${header.environmentId}`)
  }
  const isHere = held.some((other) => other.signed.overlay === signed.overlay)
  if (isHere || (header && !standsAfter(header, overlay))) return { kind: 'contained', overlay }
  return { kind: 'lay', held: { signed, overlay } }
}

/** Which roll backs are still needed on top of a snapshot with this header. */
export function standingOverlays(header: SnapshotHeader, held: readonly HeldOverlay[]): HeldOverlay[] {
  return held.filter(({ overlay }) => standsAfter(header, overlay))
}

/**
 * Within an epoch the higher revision knows more. An epoch that names the overlay's as the one before has
 * replaced it; an overlay of an epoch we have not reached yet stands.
 */
function standsAfter(header: SnapshotHeader, overlay: Overlay): boolean {
  return overlay.epoch === header.epoch
    ? overlay.revision > header.revision
    : overlay.epoch !== header.previousEpoch
}

function parseOverlay(text: string): Overlay | null {
  try {
    return overlaySchema.safeParse(parseJson(text)).data ?? null
  } catch {
    return null
  }
}

function refuse(path: string, message: string): OverlayVerdict {
  return { kind: 'refuse', error: { path, message } }
}
