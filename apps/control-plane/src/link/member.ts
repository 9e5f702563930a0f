import type { FromAgent, Running, ToAgent } from '@crossfade/contracts/link'
import type { SnapshotDelta, WholeSnapshot } from '@crossfade/contracts/snapshot'
import type { Clock } from '@crossfade/runtime/clock'
import type { Published, Publisher } from '../publish/published.ts'
import type { LinkSocket } from './link-socket.ts'
import { afterAnswer, afterPush, nextPush, type PushState } from './push-state.ts'
import { closeCodes } from './socket.ts'

export type Ack = Extract<FromAgent, { type: 'ack' }>
export type Nack = Extract<FromAgent, { type: 'nack' }>

/** Gets the newest snapshot to one agent: one push at a time, newer ones coalesced. */
export interface Member {
  /** Sends what is due, if anything. */
  pump(): void
  answered(answer: Ack | Nack): void
  state(): PushState
  setState(state: PushState): void
  stop(): void
}

/** An agent that takes longer to answer a snapshot is stuck; a new link starts it afresh. */
const answerWithinMs = 60_000

export function createMember(parts: {
  readonly environmentId: string
  readonly start: PushState
  readonly link: LinkSocket
  readonly publisher: Pick<Publisher, 'current' | 'deltaSince'>
  readonly clock: Clock
  readonly newId: () => string
}): Member {
  let state = parts.start
  let stopWaiting = () => {}

  const push = (kind: 'whole' | 'delta', published: Published) => {
    const nonce = parts.newId()
    const base = state.running?.hash ?? ''
    const delta = kind === 'delta' ? parts.publisher.deltaSince(parts.environmentId, base) : null
    state = afterPush(state, { nonce, kind: delta ? 'delta' : 'whole', target: runningOf(published) })
    parts.link.sendText(delta ? deltaFrame(nonce, delta) : snapshotFrame(nonce, published.whole))
    stopWaiting = parts.clock.after(answerWithinMs, () =>
      parts.link.end(closeCodes.policy, 'No answer to a snapshot'),
    )
  }

  const pump = () => {
    const published = parts.publisher.current(parts.environmentId)
    const target = published && runningOf(published)
    const knowsBase = (hash: string) => parts.publisher.deltaSince(parts.environmentId, hash) !== null
    const what = nextPush(state, target, knowsBase)
    if (what !== 'nothing' && published) push(what, published)
  }

  return {
    pump,
    answered(answer) {
      const wasOutstanding = state.outstanding?.nonce === answer.nonce
      state =
        answer.type === 'ack'
          ? afterAnswer(state, { kind: 'ack', nonce: answer.nonce, running: answer.running })
          : afterAnswer(state, { ...answer, kind: 'nack' })
      if (wasOutstanding) stopWaiting()
      pump()
    },
    state: () => state,
    setState(next) {
      state = next
    },
    stop: () => stopWaiting(),
  }
}

export function runningOf(published: Published): Running {
  const { epoch, revision, hash } = published.header
  return { epoch, revision, hash }
}

/** A thousand agents get the same snapshot: it becomes text once. */
const texts = new WeakMap<SnapshotDelta | WholeSnapshot, string>()

function textOnce(value: SnapshotDelta | WholeSnapshot): string {
  const known = texts.get(value)
  if (known !== undefined) return known
  const text = JSON.stringify(value)
  texts.set(value, text)
  return text
}

function snapshotFrame(nonce: string, snapshot: WholeSnapshot): string {
  return frameAround({ type: 'snapshot', nonce }, 'snapshot', textOnce(snapshot))
}

function deltaFrame(nonce: string, delta: SnapshotDelta): string {
  return frameAround({ type: 'delta', nonce }, 'delta', textOnce(delta))
}

function frameAround(
  head: { readonly type: ToAgent['type']; readonly nonce: string },
  field: string,
  text: string,
): string {
  return `${JSON.stringify(head).slice(0, -1)},"${field}":${text}}`
}
