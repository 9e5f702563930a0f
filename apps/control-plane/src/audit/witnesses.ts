import { readCheckpoint, type Checkpoint } from '@crossfade/runtime/audit-checkpoint'
import type { Logger } from '@crossfade/runtime/logger'

/** What agents have seen of the audit trail. */
export interface Witnesses {
  /** Compares what an agent shows with what is stored; alarms, and never throws. */
  heard(agentName: string, text: string | undefined): Promise<void>
  /** The newest of each agent. */
  all(): readonly Checkpoint[]
  /** Those that contradict the trail. */
  contradictions(): readonly { readonly agent: string; readonly seq: number }[]
}

export function createWitnesses(parts: {
  /** The seal of a stored row; null when there is none of that number. */
  readonly macOf: (seq: number) => Promise<string | null>
  /** The first row still kept. */
  readonly firstSeq: () => Promise<number>
  readonly publicKeys: readonly string[]
  readonly logger: Logger
}): Witnesses {
  const heard = new Map<string, { readonly text: string; readonly checkpoint: Checkpoint }>()
  const contradicting = new Map<string, number>()

  const compare = async (agent: string, { seq, mac }: Checkpoint) => {
    const stored = await parts.macOf(seq)
    if (stored === mac || (stored === null && seq < (await parts.firstSeq()))) {
      contradicting.delete(agent)
      return
    }
    contradicting.set(agent, seq)
    const what = stored === null ? 'is gone from' : 'is another in'
    parts.logger.error(
      { agent, seq },
      `Row ${seq} that agent ${agent} saw ${what} the audit trail: verify it with crossfade audit verify`,
    )
  }

  return {
    async heard(agent, text) {
      if (text === undefined || heard.get(agent)?.text === text) return
      const checkpoint = readCheckpoint(text, parts.publicKeys)
      if (checkpoint === null) return
      heard.set(agent, { text, checkpoint })
      try {
        await compare(agent, checkpoint)
      } catch (err) {
        heard.delete(agent)
        parts.logger.debug({ err, agent }, 'A checkpoint could not be compared now')
      }
    },
    all: () => [...heard.values()].map(({ checkpoint }) => checkpoint),
    contradictions: () => [...contradicting].map(([agent, seq]) => ({ agent, seq })),
  }
}
