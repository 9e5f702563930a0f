import { createServer } from 'node:https'
import { freePort } from '@crossfade/testkit/free-port'
import type { Pair } from '@crossfade/testkit/certificates'

/** An empty page of somebody else, under both names of this machine: one is a neighbour of ours, one is not. */
export interface EvilPage {
  /** Same host as ours, another port: a browser calls it same-site and sends it our cookies. */
  readonly neighbour: string
  /** Another host: a browser calls it cross-site. */
  readonly stranger: string
  close(): Promise<void>
}

export async function openEvilPage({ cert, key }: Pair): Promise<EvilPage> {
  const port = await freePort()
  const server = createServer({ cert, key }, (_request, response) => {
    response.setHeader('content-type', 'text/html').end('<!doctype html><title>evil</title><body></body>')
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return {
    neighbour: `https://127.0.0.1:${port}/`,
    stranger: `https://localhost:${port}/`,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
