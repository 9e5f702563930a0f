import type { Running } from '@crossfade/contracts/link'
import { eventually } from '@crossfade/testkit/eventually'
import { maya, type FakeAgent, type Rig } from './rig.ts'

/** What the hub's tests do over and over with the agents of a rig. */
export function agentsOf(rig: () => Rig) {
  let names = 0
  const viewOf = async (name: string) => (await rig().fleet.views('all')).find((view) => view.name === name)
  return {
    viewOf,
    inStep: (name: string) => eventually(async () => (await viewOf(name))?.inStep, `${name} in step`),
    /** Connects, says hello and takes the first snapshot. */
    online: async (
      name: string,
      running: Running | null = null,
    ): Promise<FakeAgent & { running: Running }> => {
      const agent = rig().connect(name)
      agent.hello({ running })
      await agent.next('welcome')
      const push = await agent.next('snapshot')
      return { ...agent, running: agent.ack(push) }
    },
    /** A change that agents must see. */
    rename: async (suffix: string) => {
      const { environments } = rig().acts
      const { version, ...view } = await environments.get('default')
      await environments.update(maya, 'default', version, { ...view, name: `${suffix} ${++names}` })
      return rig().settled()
    },
  }
}
