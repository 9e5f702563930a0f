import { describe, expect, it } from 'vitest'
import { createGate } from './gate.ts'

describe('the gate before the one backend', () => {
  it('lets a connection keep the backend until its transaction ends', () => {
    const gate = createGate()
    const [a, b] = [gate.connection(), gate.connection()]
    const ran: string[] = []
    const batch = (name: string, open: boolean) => () => {
      ran.push(name)
      return open
    }
    a.enqueue(batch('a begins', true))
    b.enqueue(batch('b', false))
    a.enqueue(batch('a goes on', true))
    expect(ran).toEqual(['a begins', 'a goes on'])
    a.enqueue(batch('a commits', false))
    expect(ran).toEqual(['a begins', 'a goes on', 'a commits', 'b'])
  })

  it('rolls back for a connection that leaves inside a transaction, then serves the others', () => {
    const gate = createGate()
    const [a, b] = [gate.connection(), gate.connection()]
    const ran: string[] = []
    a.enqueue(() => true)
    b.enqueue(() => ran.push('b') === 0)
    a.leave(() => ran.push('rolled back'))
    expect(ran).toEqual(['rolled back', 'b'])
    b.leave(() => ran.push('never: b has no transaction'))
    expect(ran).toEqual(['rolled back', 'b'])
  })

  it('forgets what a connection that left had queued', () => {
    const gate = createGate()
    const [a, b] = [gate.connection(), gate.connection()]
    const ran: string[] = []
    a.enqueue(() => true)
    b.enqueue(() => ran.push('b') === 0)
    b.leave(() => ran.push('never'))
    a.enqueue(() => ran.push('a') === 0)
    expect(ran).toEqual(['a'])
  })
})
