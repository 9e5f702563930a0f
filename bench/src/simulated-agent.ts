import { randomUUID } from 'node:crypto'
import { WebSocket } from 'ws'
import { linkPath, toAgentSchema, type FromAgent, type ToAgent } from '@crossfade/contracts/link'
import { headerSchema, type KeyChain } from '@crossfade/contracts/snapshot'
import { isSignedBy } from '@crossfade/runtime/seal'

/** An agent that only holds a link: it checks signatures, acknowledges, and says when a revision reached it. */
export interface SimulatedAgent {
  readonly ready: Promise<void>
  close(): void
}

export function simulatedAgent(
  controlUrl: string,
  assertion: string,
  name: string,
  onEnforced: (revision: number, kind: 'snapshot' | 'overlay') => void,
): SimulatedAgent {
  const socket = new WebSocket(controlUrl.replace('http', 'ws') + linkPath, {
    headers: { authorization: `Bearer ${assertion}` },
    perMessageDeflate: false,
  })
  const send = (message: FromAgent) => socket.send(JSON.stringify(message))
  let keys: KeyChain = []
  const ready = Promise.withResolvers<void>()

  const take = (nonce: string, header: string, signature: string) => {
    const key = keys.at(-1)?.publicKey
    if (key === undefined || !isSignedBy(key, header, signature))
      throw new Error('A snapshot with a wrong signature')
    const { epoch, revision, hash } = headerSchema.parse(JSON.parse(header))
    onEnforced(revision, 'snapshot')
    const running = { epoch, revision, hash }
    send({ type: 'ack', nonce, stage: 'applied', running })
    send({ type: 'ack', nonce, stage: 'persisted', running })
    ready.resolve()
  }
  const receive = (message: ToAgent) => {
    if (message.type === 'welcome') keys = message.keys
    if (message.type === 'snapshot') take(message.nonce, message.snapshot.header, message.snapshot.signature)
    if (message.type === 'delta') take(message.nonce, message.delta.header, message.delta.signature)
    if (message.type === 'overlay') {
      const { revision } = JSON.parse(message.signed.overlay) as { revision: number }
      onEnforced(revision, 'overlay')
      send({ type: 'overlay-ack', nonce: message.nonce, revision, running: null })
    }
  }
  socket.on('open', () =>
    send({
      type: 'hello',
      protocol: 1,
      name,
      boot: randomUUID(),
      version: 'bench',
      running: null,
      source: 'none',
      emergencies: [],
    }),
  )
  socket.on('message', (data: Buffer) => receive(toAgentSchema.parse(JSON.parse(data.toString()))))
  socket.on('error', (error) => ready.reject(error))
  return { ready: ready.promise, close: () => socket.close() }
}
