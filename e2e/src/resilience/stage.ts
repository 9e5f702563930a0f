import type { Mapping, Policy, Service, Snapshot } from '@crossfade/core/model'
import { aMapping, aMatch, aPolicy, aService, aSnapshot, aSplit } from '@crossfade/testkit/builders'
import { openHouse, type Agent, type House } from '../harness/house.ts'
import { scriptedControl, type ScriptedControl } from '../harness/scripted-control.ts'

/** One real agent that obeys a scripted control plane. */
export interface Stage {
  readonly house: House
  readonly control: ScriptedControl
  agent: Agent
  metric(name: string): Promise<number>
  close(): Promise<void>
}

export async function openStage(
  snapshot: Snapshot,
  env: Readonly<Record<string, string>> = {},
  agentMain?: string,
): Promise<Stage> {
  const house = await openHouse(agentMain)
  const control = await scriptedControl()
  control.greetWith(snapshot)
  const agent = await house.startAgent('staged', { ...control.agentEnv, ...env })
  const stage: Stage = {
    house,
    control,
    agent,
    async metric(name) {
      const page = await (await fetch(`${stage.agent.adminUrl}/metrics`)).text()
      const line = page.split('\n').find((one) => one.startsWith(`crossfade_agent_${name}`))
      return Number(line?.split(' ').at(-1) ?? Number.NaN)
    },
    async close() {
      await house.close()
      await control.close()
    },
  }
  return stage
}

/** Everything under `/books` by the share (everybody on new, if not said); the rest to legacy. */
export function snapshotOf(parts: {
  readonly legacyUrl: string
  readonly newUrl: string
  readonly revision?: number
  readonly share?: number
  readonly policy?: Partial<Policy>
  readonly mapping?: Partial<Mapping>
  readonly newService?: Partial<Service>
}): Snapshot {
  const {
    legacyUrl,
    newUrl,
    revision = 1,
    share = 10_000,
    policy = {},
    mapping = {},
    newService = {},
  } = parts
  return aSnapshot({
    revision,
    services: [
      aService({ instances: [legacyUrl] }),
      aService({ id: 'new-books', name: 'new-books', instances: [newUrl], ...newService }),
    ],
    mappings: [
      aMapping({
        match: aMatch({ kind: 'prefix', path: '/books' }),
        split: aSplit({ share, identity: { kind: 'request' } }),
        policy: aPolicy(policy),
        ...mapping,
      }),
    ],
  })
}
