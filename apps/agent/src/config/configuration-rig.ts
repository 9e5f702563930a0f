import type { Emergency } from '@crossfade/contracts/link'
import { createLogger } from '@crossfade/runtime/logger'
import { fingerprintOf, type Signer } from '@crossfade/runtime/seal'
import { manualClock, type ManualClock } from '@crossfade/testkit/manual-clock'
import { keyChainOf } from '@crossfade/testkit/signed-snapshot'
import type { InForce } from './config-slot.ts'
import { createConfiguration, type Configuration, type ConfigurationParts } from './configuration.ts'
import { memoryDisk, type MemoryDisk } from './memory-disk.ts'
import { createOverlayFiles } from './overlay-files.ts'
import { createSnapshotFiles } from './snapshot-files.ts'

export const quiet = createLogger('test', 'silent')

export interface ConfigurationRig {
  readonly configuration: Configuration
  readonly disk: MemoryDisk
  readonly clock: ManualClock
}

/** For tests: a configuration that was started on this disk and has met a control plane with this key. */
export async function startConfiguration(
  signer: Signer,
  options: {
    readonly disk?: MemoryDisk
    readonly emergencies?: () => readonly Emergency[]
    readonly problemsOf?: ConfigurationParts['problemsOf']
    readonly prepare?: (next: InForce) => void
    readonly linked?: boolean
  } = {},
): Promise<ConfigurationRig> {
  const disk = options.disk ?? memoryDisk()
  const clock = manualClock(1_000_000)
  const fingerprint = () => fingerprintOf(signer.publicKey)
  const configuration = createConfiguration({
    fingerprint,
    files: createSnapshotFiles({ folder: '/state', bootstrap: null, fingerprint, disk }),
    overlayFiles: createOverlayFiles('/state', disk),
    emergencies: options.emergencies ?? (() => []),
    problemsOf: options.problemsOf ?? (() => []),
    prepare: options.prepare ?? (() => {}),
    clock,
    logger: quiet,
  })
  await configuration.load()
  if (options.linked !== false) {
    configuration.trust({ keys: keyChainOf(signer), environmentId: 'default' })
  }
  return { configuration, disk, clock }
}
