import { once } from 'node:events'
import { MessageChannel, Worker, type MessagePort } from 'node:worker_threads'
import { PortStream } from './port-stream.ts'

export interface PgliteWorkerData {
  /** Null keeps everything in memory. */
  readonly dataDir: string | null
  /** A dump of a prepared data directory to start from. */
  readonly template: Uint8Array | null
}

export type ToPgliteWorker =
  | { readonly kind: 'connect'; readonly port: MessagePort }
  | { readonly kind: 'dump' }
  | { readonly kind: 'close' }
export type FromPgliteWorker =
  | { readonly kind: 'ready' }
  | { readonly kind: 'dumped'; readonly bytes: ArrayBuffer }
  | { readonly kind: 'closed' }

export interface PgliteServer {
  /** A stream for one connection of a `pg` pool. */
  stream(): PortStream
  /** The data directory as a tar file; only while nothing else runs. */
  dump(): Promise<Uint8Array>
  close(): Promise<void>
}

/** Starts PGlite in a worker thread and waits until it takes queries. `onFailure` hears of a worker that died. */
export async function openPglite(
  data: PgliteWorkerData,
  onFailure: (error: Error) => void,
): Promise<PgliteServer> {
  const worker = new Worker(new URL('pglite-worker.ts', import.meta.url), {
    workerData: data,
    name: 'pglite',
  })
  const answer = (kind: FromPgliteWorker['kind']) =>
    new Promise<FromPgliteWorker>((resolve, reject) => {
      const onExit = () => settle(() => reject(new Error('The worker of the database has ended')))
      const onMessage = (message: FromPgliteWorker) => {
        if (message.kind === kind) settle(() => resolve(message))
      }
      const settle = (end: () => void) => {
        worker.off('message', onMessage).off('error', reject).off('exit', onExit)
        end()
      }
      worker.on('message', onMessage).on('error', reject).on('exit', onExit)
    })
  const ask = (message: ToPgliteWorker, kind: FromPgliteWorker['kind']) => {
    const answered = answer(kind)
    worker.postMessage(message, [])
    return answered
  }

  await answer('ready')
  let alive = true
  worker.on('error', onFailure)
  worker.on('exit', () => {
    alive = false
  })

  return {
    stream: () =>
      new PortStream(() => {
        const { port1, port2 } = new MessageChannel()
        worker.postMessage({ kind: 'connect', port: port2 } satisfies ToPgliteWorker, [port2])
        return port1
      }),
    async dump() {
      const dumped = await ask({ kind: 'dump' }, 'dumped')
      return new Uint8Array(dumped.kind === 'dumped' ? dumped.bytes : [])
    },
    async close() {
      if (!alive) return
      await ask({ kind: 'close' }, 'closed')
      const ended = once(worker, 'exit')
      await worker.terminate()
      await ended
    },
  }
}
