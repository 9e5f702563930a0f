import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/** A way to a server on which the answers to some requests get lost. */
export interface LossyWay {
  readonly url: string
  /** From now on no connection that carries a request for this path hears anything; null ends that. */
  lose(path: string | null): void
  /** How many answers were given and not heard. */
  lost(): number
  close(): Promise<void>
}

export async function lossyWay(port: number): Promise<LossyWay> {
  const open = new Set<Socket>()
  let lostPath: string | null = null
  let lost = 0

  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1')
    let isDeaf = false
    for (const end of [near, far]) {
      open.add(end)
      end.on('error', () => {})
      end.on('close', () => {
        open.delete(end)
        near.destroy()
        far.destroy()
      })
    }
    near.on('data', (chunk) => {
      isDeaf ||= lostPath !== null && chunk.includes(` ${lostPath} HTTP/1.1`)
      far.write(chunk)
    })
    far.on('data', (chunk) => {
      if (!isDeaf) return void near.write(chunk)
      lost++
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    lose(path) {
      lostPath = path
    },
    lost: () => lost,
    async close() {
      for (const end of open) end.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
