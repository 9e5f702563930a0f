import type { AgentJoin, AgentRenew } from '@crossfade/contracts/agent-identity'
import type { Clock } from '@crossfade/runtime/clock'
import type { Signer } from '@crossfade/runtime/seal'
import { keyChainOf } from '@crossfade/testkit/signed-snapshot'
import type { ControlDoor, DoorAnswer } from './control-door.ts'

/** For tests: a door that gives every key a credential of a week, unless the test says otherwise. */
export interface ManualDoor extends ControlDoor {
  readonly joins: AgentJoin[]
  readonly renewals: AgentRenew[]
  /** Takes the place of the next answers; null goes back to granting. */
  answer(how: ((publicKey: string) => DoorAnswer | Promise<DoorAnswer>) | null): void
  /** What it would have given this key. */
  grant(publicKey: string): DoorAnswer
}

export const weekMs = 7 * 24 * 3_600_000

export function manualDoor(signer: Signer, clock: Pick<Clock, 'now'>): ManualDoor {
  const joins: AgentJoin[] = []
  const renewals: AgentRenew[] = []
  const granted = new Map<string, DoorAnswer>()
  let how: ((publicKey: string) => DoorAnswer | Promise<DoorAnswer>) | null = null

  const grant = (publicKey: string): DoorAnswer => {
    const known = granted.get(publicKey)
    if (known) return known
    const answer = {
      kind: 'credential',
      at: clock.now(),
      credential: {
        agentId: 'agent-1',
        environmentId: 'default',
        credentialId: `credential-${granted.size + 1}`,
        issuedAt: new Date(clock.now()).toISOString(),
        expiresAt: new Date(clock.now() + weekMs).toISOString(),
        keys: keyChainOf(signer),
      },
    } as const
    granted.set(publicKey, answer)
    return answer
  }
  return {
    joins,
    renewals,
    grant,
    answer(next) {
      how = next
    },
    async join(input) {
      joins.push(input)
      return (how ?? grant)(input.publicKey)
    },
    async renew(_assertion, input) {
      renewals.push(input)
      return (how ?? grant)(input.publicKey)
    },
  }
}

/** A no, as the control plane says it. */
export function aRefusal(status: number, code: string, at: number | null = null): DoorAnswer {
  return { kind: 'refused', refusal: { status, code, detail: `${code} says the test`, at } }
}
