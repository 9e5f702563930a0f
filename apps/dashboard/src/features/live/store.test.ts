import { manualClock } from '@crossfade/testkit/manual-clock'
import { describe, expect, it } from 'vitest'
import { fakeSocket } from '../../testing/fake-socket.ts'
import { createLiveStore } from './store.ts'

function open() {
  const clock = manualClock(1_000_000)
  const socket = fakeSocket()
  const paths: string[] = []
  const store = createLiveStore({
    environmentId: 'default',
    clock,
    openSocket: (path) => {
      paths.push(path)
      return socket
    },
  })
  const close = store.open()
  const hello = () =>
    socket.say({
      type: 'hello',
      now: clock.now() + 250,
      version: '0.1.0',
      environmentId: 'default',
      epoch: 'e1',
      revision: 3,
      shares: [],
      agents: [],
    })
  return { clock, socket, store, close, hello, paths }
}

describe('the live feed', () => {
  it('asks for one environment and learns the server clock', () => {
    const { store, hello, paths } = open()
    expect(store.getState().connection).toEqual({ kind: 'connecting' })
    hello()
    expect(paths).toEqual(['/api/v1/live?environmentId=default'])
    expect(store.getState()).toMatchObject({ connection: { kind: 'live' }, heardAt: 1_000_000, skewMs: 250 })
  })

  it('connects anew when an event is missing', () => {
    const { store, hello, socket } = open()
    hello()
    socket.sayRaw({ type: 'numbers', n: 99, at: 0, mappings: [] })
    expect(socket.reconnects()).toBe(1)
    expect(store.getState().view?.n).toBe(1)
  })

  it('lives on with events it does not know and frames that are garbage', () => {
    const { store, hello, socket } = open()
    hello()
    socket.sayRaw({ type: 'tomorrow', n: 2, more: true })
    socket.sayRaw('garbage')
    expect(store.getState().view?.n).toBe(2)
    expect(socket.reconnects()).toBe(0)
  })

  it('is reconnecting first and offline when tries keep failing, since the first loss', () => {
    const { store, hello, socket, clock } = open()
    hello()
    socket.drop()
    expect(store.getState().connection).toEqual({
      kind: 'reconnecting',
      since: 1_000_000,
      retryAt: 1_001_000,
    })
    clock.advance(1_000)
    socket.drop()
    clock.advance(1_600)
    socket.drop()
    expect(store.getState().connection).toMatchObject({ kind: 'offline', since: 1_000_000 })
    hello()
    expect(store.getState().connection).toEqual({ kind: 'live' })
  })

  it('says again after a reconnect what it watches', () => {
    const { store, hello, socket } = open()
    hello()
    const forget = store.watch(['books'])
    socket.drop()
    hello()
    forget()
    expect(socket.sent.map((text) => (JSON.parse(text) as { mappingIds: string[] }).mappingIds)).toEqual([
      ['books'],
      ['books'],
      [],
    ])
  })
})
