import { readFileSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { OverloadLimits, OverloadSource } from './overload-monitor.ts'

/** How busy this process is. */
export function processBurden(): Omit<OverloadSource, 'connections'> {
  const resolution = 10
  const histogram = monitorEventLoopDelay({ resolution })
  histogram.enable()
  return {
    loopDelayMs() {
      const worst = histogram.count === 0 ? 0 : histogram.percentile(99) / 1e6 - resolution
      histogram.reset()
      return Math.max(0, worst)
    },
    memoryBytes: () => process.memoryUsage.rss(),
  }
}

/** What this process may have: the memory of its container, and half of the files it may open. */
export function processAllowance(): Pick<OverloadLimits, 'memoryBytes' | 'connections'> {
  // Without a limit, Node answers a number far beyond any machine's memory, or 0.
  const memory = process.constrainedMemory()
  return {
    memoryBytes: memory > 0 && memory < 2 ** 48 ? memory : 0,
    connections: Math.floor(openFiles() / 2),
  }
}

function openFiles(): number {
  try {
    const line = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))
    return Number(line?.[1] ?? 0)
  } catch {
    return 0
  }
}
