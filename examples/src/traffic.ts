import { Agent, request, type IncomingMessage } from 'node:http'
import { nextRequest, type ReaderRequest } from './readers.ts'

// node traffic.ts PER_SECOND AGENT_URL… : gentle traffic over the agents in turn, until stopped.
const [rate, ...urls] = process.argv.slice(2)
const perSecond = Number(rate)
if (!(perSecond > 0 && perSecond <= 500) || urls.length === 0) {
  console.error('usage: traffic.ts PER_SECOND(up to 500) AGENT_URL…')
  process.exit(64)
}
const connections = new Agent({ keepAlive: true, maxSockets: 32 })
const totals = { sent: 0, legacy: 0, new: 0, failed: 0 }

/** An agent that is away is part of the show: the reader just counts it. */
function send(base: string, wanted: ReaderRequest): void {
  const headers = {
    cookie: wanted.cookie,
    ...(wanted.body !== null && {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(wanted.body),
    }),
  }
  const outgoing = request(new URL(wanted.path, base), { method: wanted.method, headers, agent: connections })
  outgoing.on('response', count).on('error', () => totals.failed++)
  outgoing.setTimeout(10_000, () => outgoing.destroy()).end(wanted.body ?? undefined)
}

function count(response: IncomingMessage): void {
  const side = response.headers['x-served-by']
  if (side === 'legacy' || side === 'new') totals[side]++
  if ((response.statusCode ?? 500) >= 500) totals.failed++
  response.resume().on('error', () => totals.failed++)
}

const timer = setInterval(() => {
  const base = urls[totals.sent++ % urls.length]
  if (base !== undefined) send(base, nextRequest(Math.random))
}, 1000 / perSecond)

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    clearInterval(timer)
    connections.destroy()
    console.log(JSON.stringify(totals))
    process.exit(0)
  })
}
