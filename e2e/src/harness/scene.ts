import type { MappingInput, MappingView } from '@crossfade/contracts/api/mappings'
import { openHouse, verbs, type Agent, type ControlPlane, type House, type Verbs } from './house.ts'
import { recordingService, type RecordingService } from './recording-service.ts'

/** The smallest whole thing: a control plane, named agents, two services, one mapping split by cookie. */
export interface Scene {
  readonly house: House
  readonly legacy: RecordingService
  readonly replacement: RecordingService
  readonly agents: readonly [Agent, ...Agent[]]
  readonly agentEnv: Readonly<Record<string, string>>
  readonly mapping: MappingView
  /** Replaced when a test starts the control plane again. */
  controlPlane: ControlPlane
  call: Verbs
  close(): Promise<void>
}

export const bookPath = '/books/chapter'

export interface SceneOptions {
  readonly agents?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly agentEnv?: Readonly<Record<string, string>>
}

export async function openScene({
  agents: names = ['one', 'two'],
  env = {},
  agentEnv: more = {},
}: SceneOptions = {}): Promise<Scene> {
  const house = await openHouse()
  const [legacy, replacement] = await Promise.all([recordingService('legacy'), recordingService('new')])
  const controlPlane = await house.startControlPlane(env)
  const call = verbs(controlPlane.api)
  const legacyId = await call.service('legacy', legacy.url)
  const newId = await call.service('new', replacement.url)
  await call.defaultService(legacyId)
  const mapping = await call.mapping(byCookie('chapter', bookPath, legacyId, newId))
  const agentEnv = {
    CROSSFADE_CONTROL_URL: controlPlane.url,
    CROSSFADE_AGENT_TOKEN: await call.agentToken(),
    ...more,
  }
  const [first, ...others] = await Promise.all(names.map((name) => house.startAgent(name, agentEnv)))
  if (first === undefined) throw new Error('A scene needs an agent')
  return {
    house,
    legacy,
    replacement,
    agents: [first, ...others],
    agentEnv,
    mapping,
    controlPlane,
    call,
    async close() {
      await house.close()
      await Promise.all([legacy.close(), replacement.close()])
    },
  }
}

export function byCookie(name: string, path: string, legacyId: string, newId: string): MappingInput {
  return {
    name,
    match: { path: { kind: 'prefix', path } },
    legacy: { serviceId: legacyId },
    new: { serviceId: newId },
    split: { kind: 'own', identity: { kind: 'cookie', name: 'uid' } },
  }
}

/** Starts the control plane of a scene again on its own port and data. */
export async function restartControlPlane(
  scene: Scene,
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  scene.controlPlane = await scene.house.startControlPlane(env, scene.controlPlane)
  scene.call = verbs(scene.controlPlane.api)
}
