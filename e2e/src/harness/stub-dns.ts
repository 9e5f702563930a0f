import { createSocket } from 'node:dgram'
import { once } from 'node:events'

/** A name server that answers A questions as told (RFC 1035), and no others. */
export interface StubDns {
  readonly address: string
  readonly questions: string[]
  say(name: string, address: string, ttlSeconds: number): void
  close(): void
}

export async function stubDns(): Promise<StubDns> {
  const answers = new Map<string, { address: string; ttl: number }>()
  const questions: string[] = []
  const socket = createSocket('udp4')
  socket.on('message', (query, from) => {
    const { name, type, end } = questionOf(query)
    const answer = type === 1 ? answers.get(name) : undefined
    if (type === 1) questions.push(name)
    const head = Buffer.from(query.subarray(0, 12))
    head.writeUInt16BE(0x8180, 2)
    head.writeUInt16BE(answer ? 1 : 0, 6)
    head.writeUInt32BE(0, 8)
    const parts = [head, query.subarray(12, end)]
    if (answer) {
      const record = Buffer.alloc(16)
      record.writeUInt16BE(0xc00c, 0)
      record.writeUInt16BE(1, 2)
      record.writeUInt16BE(1, 4)
      record.writeUInt32BE(answer.ttl, 6)
      record.writeUInt16BE(4, 10)
      for (const [i, part] of answer.address.split('.').entries()) record.writeUInt8(Number(part), 12 + i)
      parts.push(record)
    }
    socket.send(Buffer.concat(parts), from.port, from.address)
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return {
    address: `127.0.0.1:${socket.address().port}`,
    questions,
    say: (name, address, ttl) => void answers.set(name, { address, ttl }),
    close: () => socket.close(),
  }
}

function questionOf(query: Buffer): { name: string; type: number; end: number } {
  const labels: string[] = []
  let at = 12
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length))
    at += length + 1
  }
  return { name: labels.join('.').toLowerCase(), type: query.readUInt16BE(at + 1), end: at + 5 }
}
