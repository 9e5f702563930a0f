/** One step of putting a configuration in force: a function of a module, or a method of what it makes. */
export interface InstallStep {
  readonly name: string
  /** From the root of the repository. */
  readonly module: string
  readonly export: string
  readonly method?: string
  /** Throws when its work is done. */
  readonly late?: true
}

const config = (file: string) => `apps/agent/src/config/${file}.ts`
const services = (file: string) => `apps/agent/src/services/${file}.ts`
const table = 'packages/core/src/routing-table.ts'

/** Until the swap: what fails here leaves everything as it was. */
export const STEPS_BEFORE: readonly InstallStep[] = [
  { name: 'judging it', module: config('receive-snapshot'), export: 'receiveSnapshot' },
  { name: 'judging it is over', module: config('receive-snapshot'), export: 'receiveSnapshot', late: true },
  { name: 'parsing entries', module: config('base'), export: 'parseEntries' },
  { name: 'assembling', module: config('base'), export: 'assemble' },
  { name: 'compiling the table', module: table, export: 'compileSnapshot' },
  { name: 'laying overlays', module: table, export: 'withOverlays' },
  {
    name: 'installing services',
    module: services('service-pools'),
    export: 'createServicePools',
    method: 'install',
  },
  { name: 'naming a pool', module: services('instance-pool'), export: 'poolKey' },
  { name: 'opening a pool', module: services('instance-pool'), export: 'createInstancePool' },
  { name: 'a pool is open', module: services('instance-pool'), export: 'createInstancePool', late: true },
  { name: 'watching health', module: services('health-check'), export: 'watchHealth' },
  {
    name: 'services are installed',
    module: services('service-pools'),
    export: 'createServicePools',
    method: 'install',
    late: true,
  },
  { name: 'swapping', module: config('config-slot'), export: 'createConfigSlot', method: 'swap' },
]

/** After the swap: it is in force whatever fails here. */
export const STEPS_OF_FOLLOWERS: readonly InstallStep[] = [
  { name: 'adding up', module: 'apps/agent/src/stats/totals.ts', export: 'createTotals', method: 'keepOnly' },
  {
    name: 'guarding',
    module: 'apps/agent/src/resilience/guards.ts',
    export: 'createGuards',
    method: 'keepOnly',
  },
]

const disk = (method: string): InstallStep => ({
  name: `disk: ${method}`,
  module: config('disk'),
  export: 'nodeDisk',
  method,
})
/** Not to be kept over a restart is no reason not to obey. */
export const STEPS_ON_DISK: readonly InstallStep[] = [
  {
    name: 'writing a snapshot',
    module: config('snapshot-files'),
    export: 'createSnapshotFiles',
    method: 'write',
  },
  disk('writeSynced'),
  disk('link'),
  disk('rename'),
  disk('syncFolder'),
]

export const INSTALL_STEPS: readonly InstallStep[] = [
  ...STEPS_BEFORE,
  ...STEPS_OF_FOLLOWERS,
  ...STEPS_ON_DISK,
]
