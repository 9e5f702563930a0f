import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { groupCreateSchema } from '@crossfade/contracts/api/groups'
import { Problem } from '@crossfade/contracts/problems'
import type { Overlay } from '@crossfade/core/model'
import { isSignedBy } from '@crossfade/runtime/seal'
import { eventually, turns } from '@crossfade/testkit/eventually'
import { maya, openRig, type Rig } from '../link/rig.ts'
import type { Store } from '../store/store.ts'

let rig: Rig
let folder: string
let database: 'answers' | 'refuses' | 'hangs'

/** The store as it is with the database in the state the test wants. */
function over(store: Store): Store {
  const through = <T>(query: () => Promise<T>): Promise<T> => {
    if (database === 'refuses') return Promise.reject(new Problem('store_unavailable'))
    return database === 'hangs' ? new Promise(() => {}) : query()
  }
  return {
    ...store,
    read: (query) => through(() => store.read(query)),
    consistent: (query) => through(() => store.consistent(query)),
    transaction: (act) => through(() => store.transaction(act)),
    change: (author, environmentId, act) => through(() => store.change(author, environmentId, act)),
  }
}

beforeAll(async () => {
  database = 'answers'
  folder = mkdtempSync(path.join(tmpdir(), 'crossfade-roll-back-'))
  rig = await openRig({ over, dataDir: folder })
})
afterEach(async () => {
  database = 'answers'
  await rig.disconnect()
  await rig.clock.advanceAsync(1_000)
  await eventually(() => journalText() === '', 'the journal is empty')
  await rig.settled()
})
afterAll(async () => {
  await rig.close()
  rmSync(folder, { recursive: true })
})

const journalText = () => readFileSync(path.join(folder, 'roll-backs.jsonl'), 'utf8')
const audited = (id: string) =>
  rig.store.prisma.change.findMany({ where: { act: { endsWith: 'rollback' }, objectId: id } })

let names = 0

async function raised(percent: number) {
  const mapping = await rig.mapping(`books-${++names}`)
  await rig.acts.shares.set(maya, 'mapping', mapping.id, 1, { percent })
  await rig.settled()
  return mapping
}

async function online() {
  const agent = rig.connect('edge-1')
  agent.hello()
  const running = agent.ack(await agent.next('snapshot'))
  return { ...agent, running }
}

async function overlayOf(agent: Awaited<ReturnType<typeof online>>): Promise<Overlay> {
  const { signed } = await agent.next('overlay')
  expect(isSignedBy(rig.signer.publicKey, signed.overlay, signed.signature)).toBe(true)
  return JSON.parse(signed.overlay) as Overlay
}

describe('with the database there', () => {
  it('tells agents at once, records it, and leaves nothing in the journal', async () => {
    const mapping = await raised(25)
    const agent = await online()
    const result = await rig.rollBack.mapping(maya, mapping.id, { reason: 'errors' })
    expect(result).toMatchObject({ kind: 'mapping', percent: 0, percentBefore: 25, recorded: true })
    expect(await overlayOf(agent)).toMatchObject({
      epoch: agent.running.epoch,
      revision: result.revision,
      mappingIds: [mapping.id],
    })
    expect(await audited(mapping.id)).toMatchObject([{ actorName: 'Maya', reason: 'errors' }])
  })

  it('is idempotent: a second one changes nothing and sends no overlay', async () => {
    const mapping = await raised(25)
    await rig.rollBack.mapping(maya, mapping.id, {})
    await rig.settled()
    const agent = await online()
    expect(await rig.rollBack.mapping(maya, mapping.id, {})).toMatchObject({ changed: false, recorded: true })
    await turns()
    expect(agent.frames.filter(({ type }) => type === 'overlay')).toEqual([])
    expect(await audited(mapping.id)).toHaveLength(1)
  })

  it('rolls back the group of a member, and says so', async () => {
    const group = await rig.acts.groups.create(maya, groupCreateSchema.parse({ name: 'quarter' }))
    const member = await rig.mapping('member', group.id)
    await rig.acts.shares.set(maya, 'group', group.id, 1, { percent: 25 })
    await rig.settled()
    const agent = await online()
    const result = await rig.rollBack.mapping(maya, member.id, {})
    expect(result).toMatchObject({ kind: 'group', id: group.id, mappingIds: [member.id] })
    expect(await overlayOf(agent)).toMatchObject({ groupIds: [group.id], mappingIds: [] })
  })

  it('says not_found for what nobody knows', async () => {
    await expect(rig.rollBack.mapping(maya, 'nothing', {})).rejects.toMatchObject({ code: 'not_found' })
  })
})

describe('with the database away', () => {
  it('goes to agents, waits in the journal, and is recorded when it is back', async () => {
    const mapping = await raised(25)
    const agent = await online()
    database = 'refuses'
    const { header } = rig.published()
    const result = await rig.rollBack.mapping(maya, mapping.id, { reason: 'errors' })
    expect(result).toMatchObject({
      percent: 0,
      percentBefore: 25,
      changed: true,
      recorded: false,
      revision: header.revision + 1,
    })
    expect(await overlayOf(agent)).toMatchObject({ revision: header.revision + 1, mappingIds: [mapping.id] })
    expect(journalText()).toContain(mapping.id)
    await rig.clock.advanceAsync(5_000)
    expect(await audited(mapping.id)).toEqual([])

    database = 'answers'
    await rig.clock.advanceAsync(1_000)
    await eventually(async () => (await audited(mapping.id)).length === 1)
    const [row] = await audited(mapping.id)
    expect(row).toMatchObject({ actorName: 'Maya', requestId: 'request-1' })
    expect(row?.reason).toMatch(/^errors \(at 2026-.*recorded late/)
    const { snapshot } = await rig.settled()
    expect(snapshot.mappings.find(({ id }) => id === mapping.id)?.split).toMatchObject({ share: 0 })
    agent.ack(await agent.next('delta'))
  })

  it('waits two seconds for a database that hangs, not longer; agents do not wait at all', async () => {
    const mapping = await raised(25)
    const agent = await online()
    database = 'hangs'
    const answer = rig.rollBack.mapping(maya, mapping.id, {})
    expect(await overlayOf(agent)).toMatchObject({ mappingIds: [mapping.id] })
    await rig.clock.advanceAsync(2_000)
    expect(await answer).toMatchObject({ recorded: false })
  })

  it('reaches an agent that connects meanwhile', async () => {
    const mapping = await raised(25)
    const early = await online()
    database = 'refuses'
    await rig.rollBack.mapping(maya, mapping.id, {})
    await overlayOf(early)
    early.socket.close()
    // Enrolling needs the database; the agent that comes back finds it answering before the replay has run.
    database = 'answers'
    const back = rig.connect('edge-2')
    back.hello({ running: early.running })
    expect(await overlayOf({ ...back, running: early.running })).toMatchObject({ mappingIds: [mapping.id] })
  })

  it('works for a whole environment, as one act', async () => {
    const mapping = await raised(25)
    await rig.mapping('untouched')
    await rig.settled()
    const agent = await online()
    database = 'refuses'
    const result = await rig.rollBack.environment(maya, 'default', {})
    expect(result).toMatchObject({ recorded: false, rolledBack: [{ id: mapping.id, percentBefore: 25 }] })
    expect(await overlayOf(agent)).toMatchObject({ mappingIds: [mapping.id] })
  })

  it('is recorded by the next start before anything is published', async () => {
    const mapping = await raised(25)
    database = 'refuses'
    await rig.rollBack.mapping(maya, mapping.id, {})
    const lost = journalText()
    expect(lost).toContain('"begun"')

    database = 'answers'
    const second = rig.wireAgain()
    await second.running.start()
    expect(
      second.publisher.all()[0]?.snapshot.mappings.find(({ id }) => id === mapping.id)?.split,
    ).toMatchObject({
      share: 0,
    })
    expect(await audited(mapping.id)).toHaveLength(1)
    await second.running.stop()
  })
})

describe('a change that comes between', () => {
  it('does not undo a roll back: the overlay is sent again ahead of each newer snapshot', async () => {
    const mapping = await raised(25)
    const agent = await online()
    const guess = rig.published().header.revision + 1
    let release = () => {}
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    const acts = { ...rig.acts.shares }
    rig.acts.shares.rollBack = async (...args) => {
      await held
      return acts.rollBack(...args)
    }
    const answer = rig.rollBack.mapping(maya, mapping.id, {})
    expect((await overlayOf(agent)).revision).toBe(guess)
    await rig.mapping('another')
    await rig.settled()
    // A snapshot drops the overlay it catches up with: only a newer one that is there already keeps traffic away.
    const pushed = () => agent.frames.map(({ type }) => type).filter((type) => type !== 'welcome')
    await eventually(() => pushed().length === 2)
    expect(pushed()).toEqual(['overlay', 'delta'])
    const push = await agent.next('delta')
    expect((await overlayOf(agent)).revision).toBe(guess + 1)
    agent.ack(push)
    release()
    const result = await answer
    expect(result).toMatchObject({ recorded: true, revision: guess + 1 })
    Object.assign(rig.acts.shares, acts)
  })
})
