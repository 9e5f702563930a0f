import type { SnapshotHeader } from '@crossfade/contracts/snapshot'
import type { Service } from '@crossfade/core/model'
import type { RoutingTable } from '@crossfade/core/routing-table'

/** What the agent obeys right now, immutable: a request reads it once and keeps it to its end. */
export interface InForce {
  /** Overlays and emergencies are already in it. */
  readonly table: RoutingTable
  readonly header: SnapshotHeader
  /** By service id. */
  readonly services: ReadonlyMap<string, Service>
}

export interface ConfigSlot {
  /** Null while the agent has no configuration at all. */
  current(): InForce | null
  /** Called after each swap; the answer unsubscribes. */
  onChange(listener: (next: InForce) => void): () => void
}

export interface WritableConfigSlot extends ConfigSlot {
  /** One reference assignment (rule 27); listeners hear of it afterwards. */
  swap(next: InForce): void
}

/** A listener that throws goes to `onError` and cannot undo the swap or keep it from the others. */
export function createConfigSlot(onError: (error: unknown) => void): WritableConfigSlot {
  let inForce: InForce | null = null
  const listeners = new Set<(next: InForce) => void>()

  return {
    current: () => inForce,
    swap(next) {
      inForce = next
      for (const listener of listeners) {
        try {
          listener(next)
        } catch (error) {
          onError(error)
        }
      }
    },
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
