import type { SignedOverlay } from '@crossfade/contracts/snapshot'
import type { Socket } from './socket.ts'

/** An agent that proved who it is. */
export interface Admitted {
  readonly agentId: string
  readonly credentialId: string
  /** What it joined with. */
  readonly tokenId: string
  readonly environmentId: string
  readonly name: string
}

/** How far a revision is: which online agents run it. */
export interface Convergence {
  readonly environmentId: string
  readonly revision: number
  readonly live: number
  readonly total: number
  /** Names of online agents that do not run it yet. */
  readonly waitingFor: readonly string[]
  /** Since it was accepted: until the last agent had it, or until now. */
  readonly ms: number
}

export type Watcher = 'screens' | 'ramps'

/** Every agent's link. */
export interface Hub {
  /** Takes over a socket of an agent that proved who it is. */
  accept(socket: Socket, admitted: Admitted): void
  /** To every online agent at once, past everything queued (rule 19). */
  sendOverlay(environmentId: string, signed: SignedOverlay, revision: number): void
  /** Ends all links of agents that joined with a revoked token. */
  dropToken(tokenId: string): void
  /** Ends the link of an agent that was revoked or retired. */
  dropAgent(agentId: string): void
  converged(environmentId: string, revision: number): Convergence
  /** Mappings somebody looks at, or that ramp: their latency comes each second. */
  watch(environmentId: string, mappingIds: readonly string[], who: Watcher): void
  onConvergence(listener: (convergence: Convergence) => void): () => void
}
