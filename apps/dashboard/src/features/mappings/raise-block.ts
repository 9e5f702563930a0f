import type { Freshness } from '../live/live-provider.tsx'

/** Why the share may not go up now, in words; null when it may. Lowering is never blocked (rule 21). */
export function raiseBlock(freshness: Freshness): string | null {
  switch (freshness.kind) {
    case 'fresh':
      return null
    case 'stale':
      return `Raising waits for live data${freshness.seconds === null ? '' : `: the last news is ${freshness.seconds} s old`}. Lowering and Roll back work.`
    case 'offline':
      return 'Raising waits until the control plane answers again. Lowering and Roll back keep working once it does.'
  }
}
