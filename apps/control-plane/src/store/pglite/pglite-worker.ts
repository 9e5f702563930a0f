import { parentPort, workerData, type MessagePort } from 'node:worker_threads'
import { PGlite } from '@electric-sql/pglite'
import { createGate } from './gate.ts'
import type { PgliteWorkerData, ToPgliteWorker } from './open-pglite.ts'
import { createFramer, fatal, greeting, leavesTransactionOpen } from './wire.ts'

/**
 * PGlite in a thread of its own, so that no query can stall a roll back. It has one backend; each connection
 * of the pool gets it batch by batch, and keeps it while its transaction is open.
 */
const { dataDir, template } = workerData as PgliteWorkerData
const home = parentPort
if (!home) throw new Error('This file is a worker')

const database = await PGlite.create({
  ...(dataDir !== null && { dataDir }),
  ...(template !== null && { loadDataDir: new Blob([new Uint8Array(template)]) }),
  startParams: [...PGlite.defaultStartParams, '-c', 'TimeZone=UTC'],
})
const version = await database.query<{ server_version: string }>('SHOW server_version')
const serverVersion = version.rows[0]?.server_version ?? '18'
const gate = createGate()

function serve(port: MessagePort): void {
  const connection = gate.connection()
  const frame = createFramer()
  const send = (bytes: Uint8Array) => port.postMessage(bytes)

  const run = (bytes: Uint8Array) => {
    try {
      const answer = database.execProtocolRawSync(bytes)
      send(answer)
      return leavesTransactionOpen(answer)
    } catch (error) {
      send(fatal(String(error)))
      port.close()
      return false
    }
  }
  const leave = () => connection.leave(() => void database.execProtocolRawSync(rollback))

  port.on('message', (chunk: Uint8Array) => {
    for (const next of frame(chunk)) {
      if (next.kind === 'startup') send(greeting(serverVersion))
      else if (next.kind === 'batch') connection.enqueue(() => run(next.bytes))
      else port.close()
    }
  })
  port.on('close', leave)
}

const rollback = Buffer.from('Q\0\0\0\x0dROLLBACK\0', 'latin1')

home.on('message', (message: ToPgliteWorker) => {
  if (message.kind === 'connect') serve(message.port)
  else if (message.kind === 'dump') {
    void database
      .dumpDataDir('none')
      .then((file) => file.arrayBuffer())
      .then((bytes) => home.postMessage({ kind: 'dumped', bytes }, []))
  } else void database.close().then(() => home.postMessage({ kind: 'closed' }, []))
})
home.postMessage({ kind: 'ready' }, [])
