import { generateKeyPairSync } from 'node:crypto'
import type {
  EntryKind,
  KeyChain,
  SignedOverlay,
  SnapshotDelta,
  SnapshotEntry,
  SnapshotFile,
  SnapshotHeader,
  WholeSnapshot,
} from '@crossfade/contracts/snapshot'
import type { Overlay, Snapshot } from '@crossfade/core/model'
import { canonicalJson } from '@crossfade/runtime/canonical-json'
import { contentHash, createSigner, fingerprintOf, type Signer } from '@crossfade/runtime/seal'

/** A signing key of a test's own. */
export function aSigner(): Signer {
  const { privateKey } = generateKeyPairSync('ed25519')
  return createSigner(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString())
}

/** Signers oldest first; each later key vouched for by the one before. */
export function keyChainOf(...signers: readonly Signer[]): KeyChain {
  return signers.map((signer, index) => ({
    publicKey: signer.publicKey,
    signature: signers[index - 1]?.sign(Buffer.from(signer.publicKey, 'base64')) ?? null,
  }))
}

export function entriesOf(snapshot: Snapshot): SnapshotEntry[] {
  const of = (kind: EntryKind, entities: readonly { readonly id: string }[]) =>
    entities.map((entity) => ({ kind, id: entity.id, bytes: canonicalJson(entity) }))
  return [
    ...of('environment', [snapshot.environment]),
    ...of('service', snapshot.services),
    ...of('mapping', snapshot.mappings),
    ...of('group', snapshot.groups),
    ...of('segment', snapshot.segments),
  ]
}

/** A whole snapshot as it travels; `header` changes what its header says before it is signed. */
export function sealedSnapshot(
  snapshot: Snapshot,
  signer: Signer,
  header: Partial<SnapshotHeader> = {},
): WholeSnapshot {
  return sealedEntries(snapshot, entriesOf(snapshot), signer, header)
}

/** Entries signed as they are, sound or not. */
export function sealedEntries(
  snapshot: Snapshot,
  entries: SnapshotEntry[],
  signer: Signer,
  header: Partial<SnapshotHeader> = {},
): WholeSnapshot {
  return { ...sealHeader(snapshot, entries, signer, header), entries }
}

/** What leads from one snapshot to the next. */
export function sealedDelta(
  before: WholeSnapshot,
  next: Snapshot,
  signer: Signer,
  header: Partial<SnapshotHeader> = {},
): SnapshotDelta {
  const entries = entriesOf(next)
  const bytesBefore = new Map(before.entries.map((entry) => [`${entry.kind}/${entry.id}`, entry.bytes]))
  const after = new Set(entries.map((entry) => `${entry.kind}/${entry.id}`))
  return {
    ...sealHeader(next, entries, signer, header),
    base: contentHash(before.entries),
    removed: before.entries
      .filter((entry) => !after.has(`${entry.kind}/${entry.id}`))
      .map(({ kind, id }) => ({ kind, id })),
    changed: entries.filter((entry) => bytesBefore.get(`${entry.kind}/${entry.id}`) !== entry.bytes),
  }
}

export function sealedOverlay(overlay: Overlay, signer: Signer): SignedOverlay {
  const text = canonicalJson(overlay)
  return { overlay: text, signature: signer.sign(text) }
}

/** Mappings back to legacy, one revision after that of `aSnapshot`. */
export function anOverlay(overrides: Partial<Overlay> = {}): Overlay {
  return {
    environmentId: 'default',
    epoch: 'epoch-1',
    revision: 2,
    mappingIds: ['books'],
    groupIds: [],
    ...overrides,
  }
}

export interface SealedFile {
  readonly signer: Signer
  readonly keys: KeyChain
  /** A stored copy, or a bootstrap file. */
  readonly file: SnapshotFile
}

export function signedSnapshotFile(snapshot: Snapshot, signer: Signer = aSigner()): SealedFile {
  const keys = keyChainOf(signer)
  return { signer, keys, file: { format: 1, keys, snapshot: sealedSnapshot(snapshot, signer) } }
}

/** A token that pins this signer's key; no control plane knows it. */
export function agentTokenFor({ signer }: { readonly signer: Signer }): string {
  return `cfa_test-token_${'s'.repeat(32)}_${fingerprintOf(signer.publicKey)}`
}

function sealHeader(
  snapshot: Snapshot,
  entries: readonly SnapshotEntry[],
  signer: Signer,
  overrides: Partial<SnapshotHeader>,
): { readonly header: string; readonly signature: string } {
  const header: SnapshotHeader = {
    format: 1,
    environmentId: snapshot.environment.id,
    epoch: snapshot.epoch,
    revision: snapshot.revision,
    previousEpoch: null,
    mappingsDeleted: 0,
    auditCheckpoint: null,
    hash: contentHash(entries),
    createdAt: '2026-01-01T00:00:00.000Z',
    ...overrides,
  }
  const text = canonicalJson(header)
  return { header: text, signature: signer.sign(text) }
}
