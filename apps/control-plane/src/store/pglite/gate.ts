/** A batch: runs on the one backend, says whether it left a transaction open. */
export type Batch = () => boolean

export interface GatedConnection {
  enqueue(batch: Batch): void
  /** Forgets what is queued; `rollBack` runs if the connection goes away inside a transaction. */
  leave(rollBack: () => void): void
}

/**
 * Gives one backend to many connections, one batch at a time in the order they came; the connection that opened
 * a transaction keeps the backend until it ends.
 */
export function createGate(): { connection(): GatedConnection } {
  interface Turn {
    readonly owner: GatedConnection
    readonly batch: Batch
  }
  let queue: Turn[] = []
  let owner: GatedConnection | null = null
  let running = false

  const drain = () => {
    if (running) return
    running = true
    try {
      for (;;) {
        const index = owner === null ? 0 : queue.findIndex((turn) => turn.owner === owner)
        const turn = queue[index]
        if (!turn) return
        queue.splice(index, 1)
        owner = turn.batch() ? turn.owner : null
      }
    } finally {
      running = false
    }
  }

  return {
    connection() {
      const self: GatedConnection = {
        enqueue(batch) {
          queue.push({ owner: self, batch })
          drain()
        },
        leave(rollBack) {
          queue = queue.filter((turn) => turn.owner !== self)
          if (owner !== self) return
          owner = null
          rollBack()
          drain()
        },
      }
      return self
    },
  }
}
