import type { AddressPolicy, Door } from '@crossfade/core/address-policy'

/** Where parts of Crossfade itself listen: no configured address may lead there (rule 30). */
export interface OwnDoors {
  /** What an agent says of its admin and health ports; it replaces what that agent said before. */
  heard(agentId: string, doors: readonly Door[]): void
  readonly policy: AddressPolicy
}

export function createOwnDoors(networks: readonly string[], own: readonly Door[]): OwnDoors {
  const ofAgents = new Map<string, readonly Door[]>()
  let doors = own
  return {
    heard(agentId, theirs) {
      ofAgents.set(agentId, theirs)
      doors = [...own, ...[...ofAgents.values()].flat()]
    },
    policy: {
      networks,
      get doors() {
        return doors
      },
    },
  }
}
