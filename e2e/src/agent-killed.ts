import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fromAgentSchema, type ToAgent } from '@crossfade/contracts/link'
import { aService, aSnapshot } from '@crossfade/testkit/builders'
import { seededRandom } from '@crossfade/testkit/seeded-random'
import { openDoor } from '@crossfade/testkit/open-door'
import { agentTokenFor, aSigner, keyChainOf, sealedSnapshot } from '@crossfade/testkit/signed-snapshot'
import { expect } from 'vitest'
import { WebSocketServer } from 'ws'
import { client } from './harness/client.ts'
import { openHouse, type House } from './harness/house.ts'
import { until } from './harness/program.ts'
import { recordingService } from './harness/recording-service.ts'

const signer = aSigner()

/**
 * CFG-08: an agent is killed at any moment while revisions arrive, again and again, and started with nobody to
 * ask: it serves the last snapshot it said was on disk, or a newer one. `seed` decides when it is killed.
 */
export async function killAgainAndAgain(rounds: number, seed: number): Promise<void> {
  const random = seededRandom(seed)
  const house = await openHouse()
  const service = await recordingService('legacy')
  try {
    let agent: Awaited<ReturnType<House['startAgent']>> | undefined
    let revision = 0
    const asked = client()
    for (let round = 0; round < rounds; round++) {
      const publisher = await publishEvery(20, () => ++revision, service.url)
      const env = (controlUrl: string) => ({
        CROSSFADE_CONTROL_URL: controlUrl,
        CROSSFADE_AGENT_TOKEN: agentTokenFor({ signer }),
      })
      agent = await house.startAgent('killed', env(publisher.url), agent)
      const enough = publisher.persisted() + 1 + Math.floor(random() * 20)
      await until('some revisions on disk', () => publisher.persisted() >= enough)
      await new Promise((resolve) => setTimeout(resolve, random() * 40))
      await agent.program.kill('SIGKILL')
      const promised = publisher.persisted()
      await publisher.close()

      agent = await house.startAgent('killed', env('http://127.0.0.1:9'), agent)
      const metrics = await (await fetch(`${agent.adminUrl}/metrics`)).text()
      const running = Number(/^crossfade_agent_snapshot_revision (\d+)$/m.exec(metrics)?.[1])
      expect(running, `seed ${seed}, round ${round}`).toBeGreaterThanOrEqual(promised)
      expect(running).toBeLessThanOrEqual(revision)
      expect((await asked.ask(`${agent.url}/anything`)).status).toBe(200)
      await agent.program.kill('SIGKILL')
    }
    asked.close()
  } finally {
    await house.close()
    await service.close()
  }
}

/** A control plane that does nothing but send a newer snapshot all the time. */
async function publishEvery(ms: number, nextRevision: () => number, serviceUrl: string) {
  const server = createServer(openDoor(signer))
  const sockets = new WebSocketServer({ server })
  const timers = new Set<NodeJS.Timeout>()
  let persisted = 0
  sockets.on('connection', (socket) => {
    const say = (message: ToAgent) => socket.send(JSON.stringify(message))
    socket.on('message', (data: Buffer) => {
      const message = fromAgentSchema.parse(JSON.parse(data.toString()))
      if (message.type === 'ack' && message.stage === 'persisted') persisted = message.running.revision
      if (message.type !== 'hello') return
      say({
        type: 'welcome',
        agentId: 'a',
        environmentId: 'default',
        now: Date.now(),
        keys: keyChainOf(signer),
      })
      timers.add(
        setInterval(() => {
          const revision = nextRevision()
          const services = [
            aService({ instances: [serviceUrl] }),
            aService({ id: 'new-books', instances: [serviceUrl] }),
          ]
          const snapshot = sealedSnapshot(aSnapshot({ revision, services }), signer)
          say({ type: 'snapshot', nonce: `n${revision}`, snapshot })
        }, ms),
      )
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    persisted: () => persisted,
    async close() {
      for (const timer of timers) clearInterval(timer)
      for (const socket of sockets.clients) socket.terminate()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
