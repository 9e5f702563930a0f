/** Something that runs between `start` and `stop`. */
export interface Part {
  readonly name: string
  start(): Promise<void>
  stop(): Promise<void>
}

/** Starts in the order given; stops in reverse; a failed start stops what had already started. */
export function lifecycle(parts: readonly Part[]): Part {
  const running: Part[] = []
  const stop = async () => {
    const failures: unknown[] = []
    for (let part = running.pop(); part; part = running.pop()) {
      await part.stop().catch((error: unknown) => failures.push(error))
    }
    if (failures.length > 0) throw new AggregateError(failures, 'Some parts did not stop cleanly')
  }
  const start = async () => {
    for (const part of parts) {
      try {
        await part.start()
        running.push(part)
      } catch (cause) {
        await stop()
        throw new Error(`${part.name} did not start`, { cause })
      }
    }
  }
  return { name: parts.map((part) => part.name).join(' + '), start, stop }
}
