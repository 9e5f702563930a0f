import { describe, expect, it } from 'vitest'
import { Problem } from '@crossfade/contracts/problems'
import { manualClock } from '@crossfade/testkit/manual-clock'
import { createMemory } from './remembered.ts'

const away = () => Promise.reject(new Problem('store_unavailable'))

describe('what is remembered of people', () => {
  it('answers only while the database does not', async () => {
    const memory = createMemory<string>(manualClock())
    expect(await memory.find('a', async () => 'Ada')).toEqual({ value: 'Ada', remembered: false })
    expect(await memory.find('a', away)).toEqual({ value: 'Ada', remembered: true })
    expect(await memory.find('a', async () => null)).toEqual({ value: null, remembered: false })
    await expect(memory.find('a', away)).rejects.toMatchObject({ code: 'store_unavailable' })
  })

  it('answers when the database takes longer than two seconds', async () => {
    const clock = manualClock()
    const memory = createMemory<string>(clock)
    await memory.find('a', async () => 'Ada')
    const asked = memory.find('a', () => new Promise<string>(() => {}))
    await clock.advanceAsync(2_000)
    expect(await asked).toEqual({ value: 'Ada', remembered: true })
  })

  it('is forgotten after half a day, and when told so', async () => {
    const clock = manualClock()
    const memory = createMemory<string>(clock)
    await memory.find('a', async () => 'Ada')
    await memory.find('b', async () => 'Bob')
    memory.forget((value) => value === 'Bob')
    await expect(memory.find('b', away)).rejects.toMatchObject({ code: 'store_unavailable' })
    clock.advance(12 * 3_600_000)
    await expect(memory.find('a', away)).rejects.toMatchObject({ code: 'store_unavailable' })
  })

  it('does not hide what is wrong with the program itself', async () => {
    const memory = createMemory<string>(manualClock())
    await memory.find('a', async () => 'Ada')
    await expect(memory.find('a', () => Promise.reject(new TypeError('a mistake')))).rejects.toThrow(
      'a mistake',
    )
  })
})
