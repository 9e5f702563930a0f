import type { Emergency } from '@crossfade/contracts/link'
import { Problem } from '@crossfade/contracts/problems'
import type { Overlay } from '@crossfade/core/model'
import type { Clock } from '@crossfade/runtime/clock'
import type { Logger } from '@crossfade/runtime/logger'
import type { EmergencyFiles } from './emergency-files.ts'

/** As many as the link may report. */
const most = 100

/** Break-glass roll backs of this agent: in force at once, kept until a person clears them (rule 19). */
export interface Emergencies {
  list(): readonly Emergency[]
  load(): Promise<void>
  /** In force when this returns; ends when it is on disk too. One that names the same again is the same one. */
  add(draft: { readonly overlay: Overlay; readonly by: string; readonly reason: string }): Promise<Emergency>
  /** False when there is none with this id. */
  clear(id: string): Promise<boolean>
  warnings(): readonly string[]
}

export function createEmergencies(parts: {
  readonly files: EmergencyFiles
  readonly newId: () => string
  readonly clock: Clock
  readonly logger: Logger
  /** Puts the changed list in force. */
  readonly onChange: () => void
}): Emergencies {
  const { files, clock, logger } = parts
  let emergencies: readonly Emergency[] = []
  let problem: string | null = null
  let writes: Promise<void> = Promise.resolve()

  /** The newest list is what each write takes, in order. A list that cannot be stored is still in force. */
  const store = (): Promise<void> => {
    writes = writes.then(async () => {
      try {
        await files.write(emergencies)
        problem = null
      } catch (error) {
        problem = `A break-glass roll back is in force but not on disk: ${String(error)}`
        logger.error({ err: error }, 'Break-glass roll backs cannot be stored')
      }
    })
    return writes
  }

  return {
    list: () => emergencies,
    async load() {
      try {
        emergencies = await files.read()
      } catch (error) {
        problem = `emergencies.json cannot be used: ${String(error)}`
        logger.error({ err: error }, 'Stored break-glass roll backs cannot be read')
      }
    },
    async add({ overlay, by, reason }) {
      const same = emergencies.find((other) => namesSame(other.overlay, overlay))
      if (same) return same
      if (emergencies.length >= most) {
        throw new Problem('in_use', { detail: `Clear some of the ${most} roll backs in force first` })
      }
      const emergency: Emergency = {
        id: parts.newId(),
        at: new Date(clock.now()).toISOString(),
        by,
        reason,
        overlay: { ...overlay, mappingIds: [...overlay.mappingIds], groupIds: [...overlay.groupIds] },
      }
      emergencies = [...emergencies, emergency]
      parts.onChange()
      logger.warn({ id: emergency.id, by, reason }, 'A break-glass roll back is in force')
      await store()
      return emergency
    },
    async clear(id) {
      if (!emergencies.some((emergency) => emergency.id === id)) return false
      emergencies = emergencies.filter((emergency) => emergency.id !== id)
      parts.onChange()
      logger.warn({ id }, 'A break-glass roll back was cleared')
      await store()
      return true
    },
    warnings: () => (problem === null ? [] : [problem.slice(0, 500)]),
  }
}

function namesSame(a: Overlay, b: Overlay): boolean {
  return targetsOf(a) === targetsOf(b)
}

function targetsOf({ mappingIds, groupIds }: Overlay): string {
  return JSON.stringify([mappingIds.toSorted(), groupIds.toSorted()])
}
