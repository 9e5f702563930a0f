import { Problem } from '@crossfade/contracts/problems'
import { aGroup, aMapping, aMatch, aSnapshot } from '@crossfade/testkit/builders'
import { manualClock } from '@crossfade/testkit/manual-clock'
import { anOverlay } from '@crossfade/testkit/signed-snapshot'
import { describe, expect, it } from 'vitest'
import { quiet } from '../config/configuration-rig.ts'
import { memoryDisk, type MemoryDisk } from '../config/memory-disk.ts'
import { createEmergencies } from './emergencies.ts'
import { createEmergencyFiles } from './emergency-files.ts'
import { overlayOf, selectTargets, type EmergencyRequest } from './select-targets.ts'

describe('break-glass roll backs', () => {
  it('are in force before they are on disk, and on disk when the caller hears of it', async () => {
    const disk = memoryDisk()
    const seen: number[] = []
    const emergencies = start(disk, () => seen.push(disk.files.size))
    await emergencies.add({ overlay: anOverlay(), by: 'Ada', reason: 'errors' })
    expect(seen).toEqual([0])
    expect(disk.files.get('/state/emergencies.json')).toContain('Ada')
  })

  it('are kept over a restart until a person clears them', async () => {
    const disk = memoryDisk()
    const { id } = await start(disk).add({ overlay: anOverlay(), by: 'Ada', reason: 'errors' })
    const second = start(disk)
    await second.load()
    expect(second.list()).toMatchObject([{ id, by: 'Ada', reason: 'errors', at: '1970-01-01T00:00:01.000Z' }])
    expect(await second.clear(id)).toBe(true)
    expect(await second.clear(id)).toBe(false)
    const third = start(disk)
    await third.load()
    expect(third.list()).toEqual([])
  })

  it('are one when the same is named twice', async () => {
    const emergencies = start(memoryDisk())
    const first = await emergencies.add({ overlay: anOverlay(), by: 'Ada', reason: '' })
    expect(await emergencies.add({ overlay: anOverlay({ revision: 7 }), by: 'Bob', reason: '' })).toBe(first)
    expect(emergencies.list()).toHaveLength(1)
  })

  it('are in force and reported when the disk is dead', async () => {
    const disk = memoryDisk()
    disk.dieAt(1)
    const emergencies = start(disk)
    await emergencies.add({ overlay: anOverlay(), by: 'Ada', reason: '' })
    expect(emergencies.list()).toHaveLength(1)
    expect(emergencies.warnings().join()).toContain('not on disk')
  })

  it('do not keep the agent from starting when their file is broken', async () => {
    const disk = memoryDisk()
    disk.files.set('/state/emergencies.json', '{')
    const emergencies = start(disk)
    await emergencies.load()
    expect(emergencies.list()).toEqual([])
    expect(emergencies.warnings()).not.toEqual([])
  })
})

describe('what a break-glass roll back names', () => {
  const group = aGroup()
  const moved = aMapping({ id: 'moved', match: aMatch('/moved'), pointOfNoReturn: true })
  const member = aMapping({ id: 'member', match: aMatch('/member'), split: { groupId: group.id } })
  const snapshot = aSnapshot({
    groups: [group],
    mappings: [aMapping({ id: 'id-1', name: 'Books' }), member, moved],
  })

  it('is found by name or id', () => {
    expect(idsOf({ mappings: ['Books'] })).toEqual([['id-1'], []])
    expect(idsOf({ mappings: ['id-1', 'Books'] })).toEqual([['id-1'], []])
    expect(idsOf({ names: ['Books', group.name] })).toEqual([['id-1'], [group.id]])
  })

  it('is the group when a member is named', () => {
    expect(idsOf({ mappings: ['member'] })).toEqual([[], [group.id]])
  })

  it('is everything but what is past its point of no return', () => {
    expect(idsOf({ all: true })).toEqual([['id-1'], [group.id]])
    expect(selectTargets(snapshot, request({ all: true })).skipped).toEqual([moved])
  })

  it('is refused when it is unknown or cannot go back', () => {
    expect(codeOf({ mappings: ['nobody'] })).toBe('not_found')
    expect(codeOf({ names: ['nobody'] })).toBe('not_found')
    expect(codeOf({ mappings: ['moved'] })).toBe('point_of_no_return')
  })

  function idsOf(some: Partial<EmergencyRequest>) {
    const overlay = overlayOf(snapshot, selectTargets(snapshot, request(some)))
    return [overlay.mappingIds, overlay.groupIds]
  }

  function codeOf(some: Partial<EmergencyRequest>) {
    try {
      selectTargets(snapshot, request(some))
      return null
    } catch (error) {
      return error instanceof Problem ? error.code : error
    }
  }
})

function request(some: Partial<EmergencyRequest>): EmergencyRequest {
  return { names: [], mappings: [], groups: [], all: false, ...some }
}

let ids = 0
function start(disk: MemoryDisk, onChange: () => void = () => {}) {
  return createEmergencies({
    files: createEmergencyFiles('/state', disk),
    newId: () => `emergency-${ids++}`,
    clock: manualClock(1000),
    logger: quiet,
    onChange,
  })
}
