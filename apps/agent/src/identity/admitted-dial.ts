import { linkEnds } from '@crossfade/contracts/link'
import type { Dial, LinkSocket, SocketClosed } from '../link/socket.ts'
import type { Identity } from './identity.ts'

/** Dials with a fresh proof of who we are each time, and tells the identity what the other side thinks of it. */
export function admittedDial(
  identity: Pick<Identity, 'pass' | 'refused'>,
  dialWith: (assertion: string) => Dial,
): Dial {
  return (events) => {
    let inner: LinkSocket | null = null
    let isOver = false
    const over = (why: SocketClosed) => {
      if (isOver) return
      isOver = true
      events.onClosed(why)
    }
    const begin = async () => {
      const pass = await identity.pass()
      if (isOver) return
      if (pass.kind === 'none') return over({ reason: pass.why, isRefused: pass.isRefused })
      inner = dialWith(pass.assertion)({ ...events, onClosed: (why) => over(heard(why, identity)) })
    }
    void begin()
    return {
      bufferedAmount: () => inner?.bufferedAmount() ?? 0,
      send: (text) => inner?.send(text),
      close: (code, why) => (inner ? inner.close(code, why) : over({ reason: why, isRefused: false })),
      terminate: () => (inner ? inner.terminate() : over({ reason: 'Given up', isRefused: false })),
    }
  }
}

function heard(why: SocketClosed, identity: Pick<Identity, 'refused'>): SocketClosed {
  const { refusal, code } = why
  if (refusal) return { ...why, isRefused: !identity.refused(refusal) }
  if (code === linkEnds.revoked) {
    return { ...why, isRefused: !identity.refused({ code: 'credential_revoked', at: null }) }
  }
  return code === linkEnds.duplicate ? { ...why, isRefused: true } : why
}
