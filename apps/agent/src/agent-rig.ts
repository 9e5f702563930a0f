import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Snapshot } from '@crossfade/core/model'
import { systemClock } from '@crossfade/runtime/clock'
import type { Signer } from '@crossfade/runtime/seal'
import { eventually } from '@crossfade/testkit/eventually'
import { agentTokenFor, aSigner, keyChainOf, signedSnapshotFile } from '@crossfade/testkit/signed-snapshot'
import { defaultLimits } from './proxy/http-limits.ts'
import { createControlCertificates } from './tls/control-certificates.ts'
import { NO_TLS } from './tls/tls-settings.ts'
import { createAgent, type Agent } from './agent.ts'
import { quiet } from './config/configuration-rig.ts'
import { nodeDisk } from './config/disk.ts'
import { manualDoor } from './identity/manual-door.ts'
import { manualDial, type ManualDial } from './link/manual-socket.ts'

export const adminToken = 'an-admin-token-of-a-test'

export interface AgentRig {
  readonly signer: Signer
  readonly folder: string
  readonly dial: ManualDial
  readonly agent: Agent
  /** Of the admin port. */
  readonly url: (path: string) => string
  readonly call: (method: string, path: string, body?: unknown, token?: string | null) => Promise<Response>
  /** Plays a control plane that accepts the agent. */
  readonly greet: () => void
  /** Ends this process's agent and starts another on the same state directory. */
  restart(): Promise<void>
  close(): Promise<void>
}

/** For tests: a whole agent on free ports, with a control plane that the test plays. */
export async function startAgent(bootstrap: Snapshot | null = null): Promise<AgentRig> {
  const signer = aSigner()
  const folder = await mkdtemp(join(tmpdir(), 'crossfade-agent-'))
  const dial = manualDial()
  const door = manualDoor(signer, systemClock)
  const file = join(folder, 'bootstrap.json')
  if (bootstrap) await writeFile(file, JSON.stringify(signedSnapshotFile(bootstrap, signer).file))
  let ids = 0
  const create = (name: string) =>
    createAgent(
      {
        clock: systemClock,
        random: () => 0.5,
        newId: () => `${name}-${ids++}`,
        disk: nodeDisk,
        control: createControlCertificates(NO_TLS.control, systemClock, quiet),
        dialWith: () => dial.dial,
        door,
        eventLoopDelayMs: () => 0,
        burden: { loopDelayMs: () => 0, memoryBytes: () => 0 },
        allowance: { memoryBytes: 0, connections: 0 },
        logger: quiet,
      },
      {
        controlUrl: 'http://127.0.0.1:1',
        token: agentTokenFor({ signer }),
        name: 'test agent',
        listen: { host: '127.0.0.1', port: 0 },
        adminListen: { host: '127.0.0.1', port: 0 },
        tls: NO_TLS,
        healthListen: null,
        healthPath: null,
        stateDir: join(folder, 'state'),
        revokedGraceMs: null,
        bootstrap: bootstrap ? file : null,
        adminToken,
        drain: { preStopMs: 0, timeoutMs: 1000 },
        dnsServers: [],
        allowNetworks: ['loopback', 'private'],
        overload: { loopDelayMs: 0, memoryBytes: 0, connections: 0 },
        limits: defaultLimits,
        trafficLog: null,
        logLevel: 'silent',
      },
    )
  const start = async (name: string) => {
    const dialed = dial.sockets.length
    const started = create(name)
    await started.start()
    await eventually(() => dial.sockets.length > dialed, 'the control plane is dialed')
    return started
  }
  let agent = await start('first')
  const url = (path: string) => `http://127.0.0.1:${agent.admin.address()?.port}${path}`

  return {
    signer,
    folder,
    dial,
    get agent() {
      return agent
    },
    url,
    call: (method, path, body, token = adminToken) =>
      fetch(url(path), {
        method,
        ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
        headers: token === null ? {} : { authorization: `Bearer ${token}` },
      }),
    greet: () => dial.last().greet({ keys: keyChainOf(signer) }),
    async restart() {
      await agent.stop()
      agent = await start('second')
    },
    async close() {
      await agent.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
