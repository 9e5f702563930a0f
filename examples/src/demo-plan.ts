import path from 'node:path'

/** Where the demo's programs listen and keep their things. Ports may be moved as a block. */
export interface DemoPlan {
  readonly folder: string
  readonly controlPlane: { readonly port: number; readonly url: string; readonly dataDir: string }
  readonly agents: readonly {
    readonly name: string
    readonly port: number
    readonly adminPort: number
    readonly stateDir: string
  }[]
  readonly services: { readonly legacy: number; readonly new: number }
}

/** `CROSSFADE_DEMO_PORT` (4400) is the dashboard; everything else counts from it. Agents stand on 8080 and 8081. */
export function demoPlan(folder: string, basePort = 4400, agentPort = 8080): DemoPlan {
  const agent = (index: number) => ({
    name: `demo-${index + 1}`,
    port: agentPort + index,
    adminPort: basePort + 21 + index,
    stateDir: path.join(folder, `agent-${index + 1}`),
  })
  return {
    folder,
    controlPlane: {
      port: basePort,
      url: `http://127.0.0.1:${basePort}`,
      dataDir: path.join(folder, 'control-plane'),
    },
    agents: [agent(0), agent(1)],
    services: { legacy: basePort + 11, new: basePort + 12 },
  }
}
