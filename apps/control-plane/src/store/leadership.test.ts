import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '@crossfade/runtime/clock'
import { eventually } from '@crossfade/testkit/eventually'
import { findPostgres, startPostgres, type TestPostgres } from '@crossfade/testkit/postgres'
import type { Client } from 'pg'
import { postgres } from './database.ts'
import { quietLogger, testEngines } from './engines-for-test.ts'
import { createLeadership, soleLeadership } from './leadership.ts'

describe('leadership on PGlite', () => {
  it('is always held: there is one process', async () => {
    const [engine] = testEngines()
    const store = await engine?.open()
    expect(store?.leadership()).toBe(soleLeadership)
    expect(soleLeadership.isHeld()).toBe(true)
    await store?.close()
  })
})

describe.skipIf(findPostgres() === null)('leadership on Postgres', () => {
  let server: TestPostgres
  let url: string
  beforeAll(async () => {
    server = await startPostgres()
    url = await server.createDatabase('leaders')
  })
  afterAll(() => server.remove())

  const candidate = () => {
    const database = postgres(url, quietLogger)
    const clients: Client[] = []
    const leadership = createLeadership({
      lock: 7,
      connect: () => {
        const client = database.client()
        clients.push(client)
        return client
      },
      clock: systemClock,
      logger: quietLogger,
    })
    leadership.start()
    const stop = async () => {
      await leadership.stop()
      await database.close()
    }
    /** As a killed process loses it: without a word. */
    const breakConnection = () => Reflect.get(clients.at(-1) ?? {}, 'connection').stream.destroy()
    return { leadership, stop, breakConnection }
  }

  it('is held by one of two, and taken over when that one stops, and when its connection breaks', async () => {
    const one = candidate()
    await eventually(() => one.leadership.isHeld())
    const two = candidate()
    const three = candidate()
    await eventually(() => one.leadership.isHeld() && !two.leadership.isHeld())
    one.breakConnection()
    await eventually(() => two.leadership.isHeld() || three.leadership.isHeld())
    await eventually(() => !one.leadership.isHeld())
    const [second, last] = two.leadership.isHeld() ? [two, three] : [three, two]
    await one.stop()
    await second.stop()
    expect(second.leadership.isHeld()).toBe(false)
    await eventually(() => last.leadership.isHeld())
    await last.stop()
  })

  it('is lost with the server, and won again when it is back', async () => {
    const one = candidate()
    await eventually(() => one.leadership.isHeld())
    await server.kill()
    await eventually(() => !one.leadership.isHeld())
    expect(one.leadership.isHeld()).toBe(false)
    await server.start()
    await eventually(() => one.leadership.isHeld())
    await one.stop()
    expect(one.leadership.isHeld()).toBe(false)
  })
})
