import type { Emergency, Running } from '@crossfade/contracts/link'
import type { FieldError } from '@crossfade/contracts/problems'
import type { KeyChain, SignedOverlay } from '@crossfade/contracts/snapshot'
import type { Overlay, Snapshot } from '@crossfade/core/model'
import { withOverlays } from '@crossfade/core/routing-table'
import type { Clock } from '@crossfade/runtime/clock'
import type { Logger } from '@crossfade/runtime/logger'
import { runningOf, type Base } from './base.ts'
import { createConfigSlot, type ConfigSlot, type InForce } from './config-slot.ts'
import { createLatestWriter } from './latest-writer.ts'
import type { OverlayFiles } from './overlay-files.ts'
import { receiveOverlay, standingOverlays, type HeldOverlay } from './overlays.ts'
import {
  receiveSnapshot,
  type NackPhase,
  type Refusal,
  type SnapshotMessage,
  type SnapshotVerdict,
  type Trust,
} from './receive-snapshot.ts'
import type { SnapshotFiles } from './snapshot-files.ts'
import { trustedBy } from './trust.ts'

export type Source = 'link' | 'disk' | 'bootstrap' | 'none'
export type SnapshotAnswer = { readonly kind: 'applied'; readonly persisted: Promise<void> } | Refusal
export type OverlayAnswer =
  | { readonly kind: 'in-force'; readonly overlay: Overlay }
  | { readonly kind: 'refuse'; readonly error: FieldError }

/** All that is in force, and the only way to change it. */
export interface Configuration {
  readonly slot: ConfigSlot
  /** Puts in force what the disk holds; never throws, whatever is there. */
  load(): Promise<void>
  /** What a control plane says it is; false when our token's fingerprint vouches for none of its keys. */
  trust(shown: { readonly keys: KeyChain; readonly environmentId: string }): boolean
  /** The keys our token vouches for, as far as the control plane or the disk has shown them. */
  trustedKeys(): readonly string[]
  receive(message: SnapshotMessage): SnapshotAnswer
  overlay(signed: SignedOverlay): OverlayAnswer
  /** Takes the emergencies into account again. */
  refresh(): void
  base(): Base | null
  running(): Running | null
  source(): Source
  /** Roll backs in force beside the snapshot, without emergencies. */
  overlays(): readonly Overlay[]
  /** How often a snapshot was refused, by phase, since the start. */
  refusals(): ReadonlyMap<NackPhase, number>
  /** What a person should know. */
  warnings(): readonly string[]
  stop(): Promise<void>
}

export interface ConfigurationParts {
  readonly fingerprint: () => string
  readonly files: SnapshotFiles
  readonly overlayFiles: OverlayFiles
  readonly emergencies: () => readonly Emergency[]
  /** What this agent must refuse though it is sound; asked about what comes over the link, not what runs here. */
  readonly problemsOf: (snapshot: Snapshot) => readonly FieldError[]
  /** Builds aside what a new configuration needs before it is swapped in; may throw, then nothing changes. */
  readonly prepare: (next: InForce) => void
  readonly clock: Clock
  readonly logger: Logger
}

const retryWriteMs = 10_000

export function createConfiguration(parts: ConfigurationParts): Configuration {
  const { files, overlayFiles, fingerprint, logger, clock } = parts
  /** Who did not follow the configuration in force; it is in force all the same. */
  let laggards: readonly string[] = []
  const slot = createConfigSlot((error) => {
    logger.error({ err: error }, 'A listener to configuration failed')
    laggards = [...laggards, `A part of this agent did not follow the configuration: ${messageOf(error)}`]
  })
  const refusals = new Map<NackPhase, number>()
  let base: Base | null = null
  let source: Source = 'none'
  let keys: KeyChain | null = null
  let trust: Trust = { keys: [], environmentId: null }
  /** All that the snapshot on disk does not contain yet; what is in force is `standing()`. */
  let overlays: readonly HeldOverlay[] = []
  let diskProblems: readonly string[] = []
  let lastRefusal: string | null = null
  let writeProblem: string | null = null
  /** Ends when what runs is on disk. */
  let persisted: Promise<void> = Promise.resolve()

  const onWriteError = (error: unknown) => {
    writeProblem = `The state directory cannot be written: ${String(error)}`
    logger.error({ err: error }, 'The state directory cannot be written; trying again')
  }
  const writer = createLatestWriter<{ base: Base; keys: KeyChain }>({
    write: async (next) => {
      await files.write({ format: 1, keys: next.keys, snapshot: next.base.whole })
      writeProblem = null
      diskProblems = []
      // Only now: were the overlays dropped first, a crash in between would forget a roll back.
      forgetOverlays(standingOverlays(next.base.header, overlays))
    },
    clock,
    retryMs: retryWriteMs,
    onError: onWriteError,
  })
  const overlayWriter = createLatestWriter<readonly HeldOverlay[]>({
    write: async (held) => {
      if (!keys) return
      await overlayFiles.write({ keys, overlays: held.map(({ signed }) => signed) })
    },
    clock,
    retryMs: retryWriteMs,
    onError: onWriteError,
  })

  const forgetOverlays = (left: readonly HeldOverlay[]) => {
    if (left.length === overlays.length) return
    overlays = left
    void overlayWriter.put(overlays)
  }
  const standing = () => (base ? standingOverlays(base.header, overlays).map(({ overlay }) => overlay) : [])

  /** Builds aside, then swaps; throws with everything as it was. */
  const putInForce = (next: Base) => {
    const laid = [
      ...standingOverlays(next.header, overlays).map(({ overlay }) => overlay),
      ...parts.emergencies().map(({ overlay }) => overlay),
    ].filter((overlay) => overlay.environmentId === next.header.environmentId)
    const inForce: InForce = {
      table: withOverlays(next.table, laid),
      header: next.header,
      services: new Map(next.snapshot.services.map((service) => [service.id, service])),
    }
    const before = slot.current()
    const laggardsBefore = laggards
    try {
      parts.prepare(inForce)
      laggards = []
      slot.swap(inForce)
    } catch (error) {
      laggards = laggardsBefore
      if (before) goBackTo(before)
      throw error
    }
    base = next
  }

  const goBackTo = (before: InForce) => {
    try {
      parts.prepare(before)
    } catch (error) {
      logger.error({ err: error }, 'What was in force could not be prepared again')
    }
  }

  /** A fault of ours is an answer too: the link goes on, and whoever sent the snapshot hears of it. */
  const judge = (message: SnapshotMessage): SnapshotVerdict => {
    try {
      return receiveSnapshot(base, message, trust)
    } catch (error) {
      logger.error({ err: error }, 'A snapshot could not be judged')
      return { kind: 'refuse', phase: 'apply', errors: [{ path: '', message: messageOf(error) }] }
    }
  }

  const persist = (next: Base): Promise<void> => {
    if (keys) persisted = writer.put({ base: next, keys })
    return persisted
  }

  const refuse = (refusal: Refusal): Refusal => {
    refusals.set(refusal.phase, (refusals.get(refusal.phase) ?? 0) + 1)
    const why = refusal.errors.map(({ path, message }) => `${path}: ${message}`).join('; ')
    // Late and repeated messages are the link's daily life; a person need not hear of them.
    if (refusal.phase !== 'stale' && refusal.phase !== 'base') {
      lastRefusal = `A snapshot was refused (${refusal.phase}): ${why}`.slice(0, 500)
      logger.warn({ phase: refusal.phase, errors: refusal.errors.slice(0, 10) }, 'A snapshot was refused')
    }
    return refusal
  }

  const loadOverlays = async (): Promise<string[]> => {
    try {
      const stored = await overlayFiles.read()
      if (!stored) return []
      const vouched = trustedBy(stored.keys, fingerprint())
      const judged = stored.overlays.map((signed) =>
        receiveOverlay(base?.header ?? null, [], signed, vouched),
      )
      overlays = judged.flatMap((verdict) => (verdict.kind === 'lay' ? [verdict.held] : []))
      keys ??= stored.keys
      if (trust.keys.length === 0) trust = { ...trust, keys: vouched }
      return judged.flatMap((verdict) =>
        verdict.kind === 'refuse' ? [`overlays.json: ${verdict.error.message}`] : [],
      )
    } catch (error) {
      return [`overlays.json cannot be used: ${String(error)}`.slice(0, 500)]
    }
  }

  return {
    slot,
    async load() {
      const { found, problems } = await files.read()
      if (found) {
        base = found.base
        keys = found.keys
        trust = { ...trust, keys: trustedBy(found.keys, fingerprint()) }
        source = found.source
      }
      diskProblems = [...problems, ...(await loadOverlays())]
      for (const problem of diskProblems) logger.warn({ problem }, 'A stored file cannot be used')
      if (!found) return
      try {
        putInForce(found.base)
        if (found.source === 'bootstrap') void persist(found.base)
        logger.info({ ...runningOf(found.base), source }, 'Serving the stored snapshot')
      } catch (error) {
        base = null
        source = 'none'
        logger.error({ err: error }, 'The stored snapshot cannot be put in force')
      }
    },
    trust(shown) {
      const vouched = trustedBy(shown.keys, fingerprint())
      if (vouched.length === 0) return false
      keys = shown.keys
      trust = { keys: vouched, environmentId: shown.environmentId }
      return true
    },
    trustedKeys: () => trust.keys,
    receive(message) {
      const verdict = judge(message)
      if (verdict.kind === 'refuse') return refuse(verdict)
      if (verdict.kind === 'same') return { kind: 'applied', persisted }
      const errors = parts.problemsOf(verdict.base.snapshot)
      if (errors.length > 0) return refuse({ kind: 'refuse', phase: 'semantic', errors })
      try {
        putInForce(verdict.base)
      } catch (error) {
        return refuse({ kind: 'refuse', phase: 'apply', errors: [{ path: '', message: messageOf(error) }] })
      }
      source = 'link'
      lastRefusal = null
      logger.info(runningOf(verdict.base), 'A snapshot is in force')
      return { kind: 'applied', persisted: persist(verdict.base) }
    },
    overlay(signed) {
      const verdict = receiveOverlay(base?.header ?? null, overlays, signed, trust.keys)
      if (verdict.kind === 'refuse') {
        logger.warn({ error: verdict.error }, 'A roll back was refused')
        return verdict
      }
      if (verdict.kind === 'contained') return { kind: 'in-force', overlay: verdict.overlay }
      const before = overlays
      overlays = [...overlays, verdict.held]
      try {
        if (base) putInForce(base)
      } catch (error) {
        overlays = before
        logger.error({ err: error }, 'A roll back cannot be put in force')
        return { kind: 'refuse', error: { path: 'overlay', message: messageOf(error) } }
      }
      void overlayWriter.put(overlays)
      logger.warn({ revision: verdict.held.overlay.revision }, 'A roll back is in force')
      return { kind: 'in-force', overlay: verdict.held.overlay }
    },
    refresh() {
      if (base) putInForce(base)
    },
    base: () => base,
    running: () => (base ? runningOf(base) : null),
    source: () => source,
    overlays: standing,
    refusals: () => refusals,
    warnings: () => [
      ...(lastRefusal === null ? [] : [lastRefusal]),
      ...laggards.map((laggard) => laggard.slice(0, 500)),
      ...(writeProblem === null ? [] : [writeProblem.slice(0, 500)]),
      ...diskProblems.map((problem) => problem.slice(0, 500)),
    ],
    async stop() {
      await writer.stop()
      await overlayWriter.stop()
    },
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
