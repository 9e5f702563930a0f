import type { SnapshotEntry, SnapshotHeader, WholeSnapshot } from '@crossfade/contracts/snapshot'
import { canonicalJson } from '@crossfade/runtime/canonical-json'
import { contentHash, type Signer } from '@crossfade/runtime/seal'

/** Header and signature over entries; the header's text is what is signed. */
export function sealSnapshot(
  entries: readonly SnapshotEntry[],
  facts: Omit<SnapshotHeader, 'format' | 'hash'>,
  signer: Signer,
): { header: SnapshotHeader; whole: WholeSnapshot } {
  const header: SnapshotHeader = { format: 1, ...facts, hash: contentHash(entries) }
  const text = canonicalJson(header)
  return { header, whole: { header: text, signature: signer.sign(text), entries: [...entries] } }
}
