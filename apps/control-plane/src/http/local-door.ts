import { once } from 'node:events'
import { chmodSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import path from 'node:path'
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

/**
 * `socketPath` lies in the data directory, which is made private first. A socket left behind by a process that
 * died is replaced. Without this door the program still does its work: the directory may be somebody else's, or
 * the path too long for a socket (unix(7)).
 */
export function createLocalDoor(app: App, socketPath: string, logger: Logger): LocalDoor {
  const server = createServer((request, response) => {
    local.add(request)
    app.routing(request, response)
  })
  return {
    async start() {
      try {
        chmodSync(path.dirname(socketPath), 0o700)
        rmSync(socketPath, { force: true })
        server.listen(socketPath)
        await once(server, 'listening')
        chmodSync(socketPath, 0o600)
      } catch (error) {
        logger.warn({ err: error, socketPath }, 'The local door stays closed')
      }
    },
    async stop() {
      if (!server.listening) return
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
