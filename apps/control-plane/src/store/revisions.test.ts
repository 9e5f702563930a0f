import { EventEmitter } from 'node:events'
import { manualClock } from '@crossfade/testkit/manual-clock'
import type { Client } from 'pg'
import { describe, expect, it } from 'vitest'
import { quietLogger } from './engines-for-test.ts'
import { watchRevisions } from './revisions.ts'

function watched(connect: (() => Client) | null = null) {
  const clock = manualClock()
  const stored = new Map([['default', 5]])
  const heard: string[] = []
  const revisions = watchRevisions({
    read: async () => [...stored].map(([id, revision]) => ({ id, revision })),
    start: [{ id: 'default', revision: 5 }],
    connect,
    clock,
    logger: quietLogger,
  })
  revisions.on((environmentId, revision) => heard.push(`${environmentId} ${revision}`))
  return { clock, stored, heard, revisions }
}

/** Stands in for a connection that listens. */
class FakeClient extends EventEmitter {
  ended = false
  connect = async () => {}
  query = async () => {}
  async end() {
    this.ended = true
  }
}

describe('revisions', () => {
  it('are told once, by whichever way comes first', async () => {
    const { clock, stored, heard, revisions } = watched()
    revisions.committed('default', 6)
    stored.set('default', 6)
    await clock.advanceAsync(5_000)
    revisions.committed('default', 6)
    expect(heard).toEqual(['default 6'])
    await revisions.stop()
    expect(clock.pending()).toBe(0)
  })

  it('of other replicas come with the poll at the latest, also of new environments', async () => {
    const { clock, stored, heard, revisions } = watched()
    stored.set('default', 9).set('staging', 1)
    await clock.advanceAsync(4_999)
    expect(heard).toEqual([])
    await clock.advanceAsync(1)
    expect(heard).toEqual(['default 9', 'staging 1'])
    await revisions.stop()
  })

  it('that are found lower twice are believed: the database was restored', async () => {
    const { clock, stored, heard, revisions } = watched()
    stored.set('default', 3)
    await clock.advanceAsync(5_000)
    expect(heard).toEqual([])
    await clock.advanceAsync(5_000)
    expect(heard).toEqual(['default 3'])
    await revisions.stop()
  })

  it('read before a commit and answered after it are no sign of a restored database', async () => {
    const clock = manualClock()
    const heard: number[] = []
    const answers: (() => void)[] = []
    const client = new FakeClient()
    const revisions = watchRevisions({
      read: () => new Promise((resolve) => answers.push(() => resolve([{ id: 'default', revision: 5 }]))),
      start: [{ id: 'default', revision: 5 }],
      connect: () => client as unknown as Client,
      clock,
      logger: quietLogger,
    })
    revisions.on((_, revision) => heard.push(revision))
    // One read by the connection that came up, one by the timer; a commit overtakes both.
    await clock.advanceAsync(5_000)
    expect(answers).toHaveLength(2)
    revisions.committed('default', 6)
    for (const answer of answers) answer()
    await clock.advanceAsync(0)
    expect(heard).toEqual([6])
    await revisions.stop()
  })

  it('go on to be told when one listener fails', async () => {
    const { heard, revisions } = watched()
    revisions.on(() => {
      throw new Error('broken')
    })
    revisions.on((_, revision) => heard.push(`second ${revision}`))
    revisions.committed('default', 6)
    expect(heard).toEqual(['default 6', 'second 6'])
    await revisions.stop()
  })

  it('arrive by notification, and again after the connection broke', async () => {
    const clients: FakeClient[] = []
    const { clock, heard, revisions } = watched(() => {
      const client = new FakeClient()
      clients.push(client)
      return client as unknown as Client
    })
    await clock.advanceAsync(0)
    clients[0]?.emit('notification', { payload: 'default 6' })
    clients[0]?.emit('error', new Error('gone'))
    expect(clients[0]?.ended).toBe(true)
    await clock.advanceAsync(1_000)
    clients[1]?.emit('notification', { payload: 'default 7' })
    clients[1]?.emit('notification', { payload: 'nonsense' })
    expect(heard).toEqual(['default 6', 'default 7'])
    await revisions.stop()
    expect(clients[1]?.ended).toBe(true)
  })
})
