import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fromAgentSchema, type FromAgent, type ToAgent } from '@crossfade/contracts/link'
import type { Snapshot } from '@crossfade/core/model'
import { openDoor } from '@crossfade/testkit/open-door'
import { agentTokenFor, aSigner, keyChainOf, sealedSnapshot } from '@crossfade/testkit/signed-snapshot'
import { WebSocketServer, type WebSocket } from 'ws'
import { until } from './program.ts'

type Acked = Extract<FromAgent, { type: 'ack' }>
type Nacked = Extract<FromAgent, { type: 'nack' }>

/** A control plane that says exactly what a test tells it to, right or wrong, and keeps all it hears. */
export interface ScriptedControl {
  readonly url: string
  readonly signer: ReturnType<typeof aSigner>
  readonly heard: readonly FromAgent[]
  /** When each agent said hello, in ms. */
  readonly hellos: readonly number[]
  /** What a connecting agent is sent first; null is silence. */
  greetWith(snapshot: Snapshot | null): void
  say(message: ToAgent): void
  /** The same for text that may be no message. */
  sayText(text: string): void
  /** Seals and sends; ends with the agent's answer to it. */
  push(snapshot: Snapshot): Promise<Acked | Nacked>
  answerTo(nonce: string): Promise<Acked | Nacked>
  /** For an agent of this control plane. */
  readonly agentEnv: Readonly<Record<string, string>>
  close(): Promise<void>
}

export async function scriptedControl(port = 0, signer = aSigner()): Promise<ScriptedControl> {
  const server = createServer(openDoor(signer))
  const sockets = new WebSocketServer({ server })
  const heard: FromAgent[] = []
  const hellos: number[] = []
  let greeting: Snapshot | null = null
  let nonces = 0
  const send = (socket: WebSocket, message: ToAgent) => socket.send(JSON.stringify(message))

  sockets.on('connection', (socket) => {
    socket.on('error', () => {})
    socket.on('message', (data: Buffer) => {
      const message = fromAgentSchema.parse(JSON.parse(data.toString()))
      // Numbers would fill the memory of a long run.
      if (message.type !== 'stats') heard.push(message)
      if (message.type === 'stats') {
        send(socket, { type: 'stats-ack', boot: message.batch.boot, seq: message.batch.seq })
      }
      if (message.type === 'heartbeat') {
        send(socket, { type: 'heartbeat-reply', echo: message.at, now: Date.now(), auditCheckpoint: null })
      }
      if (message.type !== 'hello') return
      hellos.push(performance.now())
      const now = Date.now()
      send(socket, {
        type: 'welcome',
        agentId: 'a',
        environmentId: 'default',
        now,
        keys: keyChainOf(signer),
      })
      if (greeting === null) return
      send(socket, { type: 'snapshot', nonce: `g${++nonces}`, snapshot: sealedSnapshot(greeting, signer) })
    })
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const say = (message: ToAgent) => {
    for (const socket of sockets.clients) send(socket, message)
  }
  const sayText = (text: string) => {
    for (const socket of sockets.clients) socket.send(text)
  }
  const answerTo = (nonce: string) =>
    until(`an answer to ${nonce}`, () =>
      heard.find((message): message is Acked | Nacked =>
        message.type === 'ack' || message.type === 'nack' ? message.nonce === nonce : false,
      ),
    )

  return {
    url,
    signer,
    heard,
    hellos,
    greetWith(snapshot) {
      greeting = snapshot
    },
    say,
    sayText,
    push(snapshot) {
      const nonce = `p${++nonces}`
      say({ type: 'snapshot', nonce, snapshot: sealedSnapshot(snapshot, signer) })
      return answerTo(nonce)
    },
    answerTo,
    agentEnv: { CROSSFADE_CONTROL_URL: url, CROSSFADE_AGENT_TOKEN: agentTokenFor({ signer }) },
    async close() {
      for (const socket of sockets.clients) socket.terminate()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
