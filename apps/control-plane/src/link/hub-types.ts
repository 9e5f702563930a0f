import type { SignedOverlay } from '@crossfade/contracts/snapshot'
import type { Socket } from './socket.ts'

/** Whom a token let in; the agent's own name comes with its hello. */
export interface Admitted {
  readonly tokenId: string
  readonly environmentId: string
  /** The token's name, for the log. */
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

/** Every agent's link. */
export interface Hub {
  /** Takes over a socket whose token was checked. */
  accept(socket: Socket, admitted: Admitted): void
  /** To every online agent at once, past everything queued (rule 19). */
  sendOverlay(environmentId: string, signed: SignedOverlay, revision: number): void
  /** Ends all links of a revoked token. */
  dropToken(tokenId: string): void
  converged(environmentId: string, revision: number): Convergence
  /** Mappings somebody looks at: their latency comes each second. */
  watch(environmentId: string, mappingIds: readonly string[]): void
  onConvergence(listener: (convergence: Convergence) => void): () => void
}
