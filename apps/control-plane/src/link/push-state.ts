import type { Running } from '@crossfade/contracts/link'

/** What the control plane knows of one agent's configuration. A value: every step returns the next. */
export interface PushState {
  readonly running: Running | null
  /** Sent and not answered yet: there is at most one. */
  readonly outstanding: {
    readonly nonce: string
    readonly kind: 'whole' | 'delta'
    readonly target: Running
  } | null
  /** Not sent again until something changes. */
  readonly refused: Running | null
  /** A delta did not fit: send the whole next. */
  readonly needsWhole: boolean
}

export type PushAnswer =
  | { readonly kind: 'ack'; readonly nonce: string; readonly running: Running }
  | {
      readonly kind: 'nack'
      readonly nonce: string
      readonly phase: string
      readonly running: Running | null
    }

export function pushStateOf(running: Running | null, refused: Running | null): PushState {
  return { running, outstanding: null, refused, needsWhole: false }
}

/** What to send now, if anything: newer snapshots wait for the answer to the one under way. */
export function nextPush(
  state: PushState,
  target: Running | null,
  knowsBase: (hash: string) => boolean,
): 'nothing' | 'whole' | 'delta' {
  if (target === null || state.outstanding !== null) return 'nothing'
  if (isSame(state.running, target) || isSame(state.refused, target)) return 'nothing'
  if (state.running === null || state.needsWhole) return 'whole'
  return knowsBase(state.running.hash) ? 'delta' : 'whole'
}

export function afterPush(
  state: PushState,
  push: { readonly nonce: string; readonly kind: 'whole' | 'delta'; readonly target: Running },
): PushState {
  return { ...state, outstanding: push, needsWhole: false }
}

/** An answer to another nonce than the outstanding one still tells what runs. */
export function afterAnswer(state: PushState, answer: PushAnswer): PushState {
  const { outstanding } = state
  if (outstanding?.nonce !== answer.nonce) {
    return answer.kind === 'ack' ? { ...state, running: answer.running } : state
  }
  if (answer.kind === 'ack') {
    return { running: answer.running, outstanding: null, refused: null, needsWhole: false }
  }
  const running = answer.running ?? state.running
  if (outstanding.kind === 'delta' && (answer.phase === 'base' || answer.phase === 'integrity')) {
    return { ...state, running, outstanding: null, needsWhole: true }
  }
  return { running, outstanding: null, refused: outstanding.target, needsWhole: false }
}

/** A heartbeat says what runs; what it says while an answer is under way may be older than that answer. */
export function afterHeartbeat(state: PushState, running: Running | null): PushState {
  return state.outstanding === null ? { ...state, running } : state
}

export function isSame(a: Running | null, b: Running | null): boolean {
  return a !== null && b !== null && a.epoch === b.epoch && a.revision === b.revision && a.hash === b.hash
}
