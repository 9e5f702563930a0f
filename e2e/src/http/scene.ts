import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Snapshot } from '@crossfade/core/model'
import { aMapping, aMatch, aService, aSnapshot, aTarget } from '@crossfade/testkit/builders'
import { agentTokenFor, signedSnapshotFile } from '@crossfade/testkit/signed-snapshot'
import { openHouse, type Agent, type House } from '../harness/house.ts'
import { recordingOrigin, type RecordingOrigin } from './recording-origin.ts'

/** Scripted clients → a built agent without a control plane → recording origins. */
export interface Scene {
  readonly house: House
  readonly agent: Agent
  readonly port: number
  /** Serves whatever no mapping takes. */
  readonly origin: RecordingOrigin
  /** Serves the one mapping, `/admin` and all below it. */
  readonly admin: RecordingOrigin
  close(): Promise<void>
}

/** Limits short enough to be waited for, as in the reference set-ups: header 3 s, service 4 s. */
const limits = {
  CROSSFADE_HEADER_TIMEOUT: '3',
  CROSSFADE_BODY_GRACE: '2',
  CROSSFADE_CLIENT_STALL: '6',
  // A starved test machine is no overload.
  CROSSFADE_OVERLOAD_LOOP_DELAY: '0',
}

export async function openScene(env: Readonly<Record<string, string>> = {}): Promise<Scene> {
  const [house, origin, admin] = await Promise.all([openHouse(), recordingOrigin(), recordingOrigin()])
  const { file, signer } = signedSnapshotFile(snapshotFor(origin.port, admin.port))
  const bootstrap = path.join(house.folder, 'bootstrap.json')
  await writeFile(bootstrap, JSON.stringify(file))
  const agent = await house.startAgent('strict', {
    CROSSFADE_CONTROL_URL: 'http://127.0.0.1:9',
    CROSSFADE_AGENT_TOKEN: agentTokenFor({ signer }),
    CROSSFADE_BOOTSTRAP: bootstrap,
    ...limits,
    ...env,
  })
  return {
    house,
    agent,
    port: Number(new URL(agent.url).port),
    origin,
    admin,
    async close() {
      await house.close()
      await Promise.all([origin.close(), admin.close()])
    },
  }
}

/** What has lived for a while, in MiB: the young generation alone may grow to 128 MiB without meaning anything. */
export async function oldMemoryOf(agent: Agent): Promise<number> {
  const metrics = await (await fetch(`${agent.adminUrl}/metrics`)).text()
  const used = /^crossfade_agent_nodejs_heap_space_size_used_bytes\{space="old"\} (\S+)$/m.exec(metrics)
  return Number(used?.[1]) / 1_048_576
}

function snapshotFor(port: number, adminPort: number): Snapshot {
  const timeouts = { connectMs: 2_000, firstByteMs: 4_000, idleMs: 4_000 }
  const at = (id: string, to: number) =>
    aService({ id, name: id, instances: [`http://127.0.0.1:${to}`], timeouts })
  return aSnapshot({
    services: [at('legacy-books', port), at('new-books', port), at('admin', adminPort)],
    mappings: [
      aMapping({
        id: 'admin',
        match: aMatch({ kind: 'prefix', path: '/admin' }),
        legacy: aTarget({ serviceId: 'admin' }),
        new: aTarget({ serviceId: 'admin' }),
      }),
    ],
  })
}
