import { z } from 'zod'
import {
  environmentSchema,
  groupSchema,
  idSchema,
  mappingSchema,
  segmentSchema,
  serviceSchema,
} from './entities.ts'

/**
 * How a snapshot travels and lies on disk (rule 24). Header and entries are strings whose exact bytes are
 * signed and hashed; nothing is re-serialised to be verified.
 */
export const entrySchemas = {
  environment: environmentSchema,
  service: serviceSchema,
  mapping: mappingSchema,
  group: groupSchema,
  segment: segmentSchema,
} as const
export type EntryKind = keyof typeof entrySchemas
export const entryKinds = Object.keys(entrySchemas) as EntryKind[]

export const entrySchema = z.strictObject({
  kind: z.enum(['environment', 'service', 'mapping', 'group', 'segment']),
  id: idSchema,
  /** JSON text of the entity; the API takes bodies of 1 MiB, and adds defaults. */
  bytes: z.string().max(2_000_000),
})
export type SnapshotEntry = z.infer<typeof entrySchema>

export const headerSchema = z.strictObject({
  format: z.literal(1),
  environmentId: idSchema,
  epoch: z.string().min(1).max(64),
  revision: z.int().min(1),
  /** Set when a restored database made this epoch follow another. */
  previousEpoch: z.string().min(1).max(64).nullable(),
  /** How many mappings audited deletes have removed in this environment, ever: explains a shrunken snapshot. */
  mappingsDeleted: z.int().min(0),
  /** Signed head of the audit chain; null until there is one. */
  auditCheckpoint: z.string().max(2000).nullable(),
  /** SHA-256 (hex) over the sorted lines `kind/id/sha256(bytes)`, each ended by a newline. */
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  createdAt: z.iso.datetime(),
})
export type SnapshotHeader = z.infer<typeof headerSchema>

/**
 * Signing keys, oldest first: each later key is signed by the one before it, so whoever pinned one of them
 * (the fingerprint in its token) trusts all that follow.
 */
export const keyChainSchema = z
  .array(
    z.strictObject({
      /** Raw Ed25519 public key, base64. */
      publicKey: z.base64().max(100),
      /** Over the raw public key by the key before; null for the first. */
      signature: z.base64().max(200).nullable(),
    }),
  )
  .min(1)
  .max(50)
export type KeyChain = z.infer<typeof keyChainSchema>

const signedHeader = {
  /** JSON text of a `SnapshotHeader`; the signature covers these bytes. */
  header: z.string().max(10_000),
  /** Ed25519, base64. */
  signature: z.string().max(200),
}

export const wholeSnapshotSchema = z.strictObject({
  ...signedHeader,
  entries: z.array(entrySchema).max(200_000),
})
export type WholeSnapshot = z.infer<typeof wholeSnapshotSchema>

export const deltaSchema = z.strictObject({
  ...signedHeader,
  /** Hash of the snapshot this applies to. */
  base: z.string().regex(/^[0-9a-f]{64}$/),
  removed: z.array(z.strictObject({ kind: entrySchema.shape.kind, id: idSchema })).max(200_000),
  changed: z.array(entrySchema).max(200_000),
})
export type SnapshotDelta = z.infer<typeof deltaSchema>

/** A snapshot file: the agent's stored copy, and the bootstrap file a new agent may start from. */
export const snapshotFileSchema = z.strictObject({
  format: z.literal(1),
  keys: keyChainSchema,
  snapshot: wholeSnapshotSchema,
})
export type SnapshotFile = z.infer<typeof snapshotFileSchema>

/** A roll back that overtakes everything queued (rule 19): `overlay` is JSON text, signed like a header. */
export const signedOverlaySchema = z.strictObject({
  overlay: z.string().max(10_000_000),
  signature: z.string().max(200),
})
export type SignedOverlay = z.infer<typeof signedOverlaySchema>
