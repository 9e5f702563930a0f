import { doorsOf, type Door } from '@crossfade/core/address-policy'
import { localAddresses } from '@crossfade/runtime/local-addresses'
import { doorOfUrl } from '@crossfade/runtime/settings'
import type { AgentSettings } from './settings.ts'

/** The control plane and our own ports but the traffic port, where loops are found: no service may be there. */
export function doorsOfAgent(settings: AgentSettings): readonly Door[] {
  return [doorOfUrl(settings.controlUrl), ...ownPorts(settings)]
}

/** Where this agent listens for people and orchestrators. */
export function ownPorts({ adminListen, healthListen }: AgentSettings): readonly Door[] {
  const listening = healthListen === null ? [adminListen] : [adminListen, healthListen]
  return listening.flatMap((listen) => doorsOf(listen, localAddresses()))
}
