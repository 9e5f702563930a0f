import { chmodSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import type { Logger } from '@crossfade/runtime/logger'
import type { App } from './plumbing/app.ts'

/** The API once more, on a Unix socket in the data directory (docs/adr/0008). */
export interface LocalDoor {
  start(): Promise<void>
  stop(): Promise<void>
}

const local = new WeakSet<IncomingMessage>()

export function cameThroughLocalDoor(request: IncomingMessage): boolean {
  return local.has(request)
}

/** `socketPath` lies in a directory of mode 0700; a socket left behind by a process that died is replaced. */
export function createLocalDoor(app: App, socketPath: string, logger: Logger): LocalDoor {
  const server = createServer((request, response) => {
    local.add(request)
    app.routing(request, response)
  })
  return {
    start: () =>
      new Promise((resolve) => {
        rmSync(socketPath, { force: true })
        // Without this door the program still does its work: a path may be too long for a socket (unix(7)).
        server.once('error', (error) => {
          logger.warn({ err: error, socketPath }, 'The local door stays closed')
          resolve()
        })
        server.listen(socketPath, () => {
          chmodSync(socketPath, 0o600)
          resolve()
        })
      }),
    async stop() {
      if (!server.listening) return
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
