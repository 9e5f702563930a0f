import { connect } from 'node:net'
import type { Input } from './fuzz-mutations.ts'

export interface Spoken {
  readonly text: string
  readonly closed: boolean
}

/** Every input comes from an address of its own, which the agent tells the service and nobody can forge. */
export function addressFor(index: number): string {
  const n = index + 256
  return `127.${1 + ((n >> 16) & 127)}.${(n >> 8) & 255}.${n & 255}`
}

/**
 * Writes the pieces, then listens until `isEnough`, the end of the connection, or `quietMs` without either; destroys
 * the connection.
 */
export function speak(
  port: number,
  from: string,
  input: Input,
  isEnough: (text: string) => boolean,
  quietMs: number,
): Promise<Spoken> {
  return new Promise((resolve) => {
    const socket = connect({
      port,
      host: '127.0.0.1',
      localAddress: from,
      noDelay: true,
      allowHalfOpen: true,
    })
    let text = ''
    let closed = false
    let wrote = false
    const done = () => {
      clearTimeout(timer)
      socket.destroy()
      resolve({ text, closed })
    }
    let timer = setTimeout(done, quietMs + 2_000)
    const wait = () => {
      clearTimeout(timer)
      timer = setTimeout(done, quietMs)
    }
    const end = () => {
      if (closed) return
      closed = true
      done()
    }
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1')
      if (wrote && isEnough(text)) done()
      else if (wrote) wait()
    })
    socket.on('error', () => {})
    socket.on('end', end)
    socket.on('close', end)
    socket.on('connect', () => {
      let next = 0
      const write = () => {
        if (closed) return
        const piece = input[next++]
        if (piece !== undefined) {
          socket.write(Buffer.from(piece, 'latin1'))
          setImmediate(write)
          return
        }
        wrote = true
        if (isEnough(text)) done()
        else wait()
      }
      write()
    })
  })
}
