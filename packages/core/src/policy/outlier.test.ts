import { describe, expect, it } from 'vitest'
import { freshInstance, isUsable, noteResult, type InstanceHealth } from './outlier.ts'

const policy = { consecutiveFailures: 3, baseEjectionMs: 1_000, maxEjectedPercent: 50 }

function fail(instance: InstanceHealth, all: readonly InstanceHealth[], now: number, times = 3): boolean {
  let out = false
  for (let i = 0; i < times; i++) out = noteResult(instance, false, now, policy, all) || out
  return out
}

describe('outlier ejection', () => {
  it('leaves an instance out after failures in a row, and takes it back in time', () => {
    const all = [freshInstance(), freshInstance()]
    const [bad] = all
    expect(fail(bad!, all, 0, 2)).toBe(false)
    noteResult(bad!, true, 0, policy, all)
    expect(fail(bad!, all, 0, 2)).toBe(false)
    expect(fail(bad!, all, 0, 1)).toBe(true)
    expect([isUsable(bad!, 999), isUsable(bad!, 1_000)]).toEqual([false, true])
    expect(bad!.backSince).toBe(1_000)
  })

  it('leaves it out for longer each time, and forgives after a good minute', () => {
    const all = [freshInstance(), freshInstance()]
    const [bad] = all
    fail(bad!, all, 0)
    fail(bad!, all, 1_000)
    expect(isUsable(bad!, 2_999)).toBe(false)
    noteResult(bad!, true, 70_000, policy, all)
    fail(bad!, all, 70_000)
    expect(isUsable(bad!, 71_000)).toBe(true)
  })

  it('never leaves out more than its part, nor the only instance', () => {
    const all = Array.from({ length: 4 }, freshInstance)
    expect(all.map((instance) => fail(instance, all, 0))).toEqual([true, true, false, false])
    const alone = freshInstance()
    expect(fail(alone, [alone], 0, 100)).toBe(false)
  })
})
