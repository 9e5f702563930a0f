import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  approvalCreateSchema,
  approvalInputSchema,
  type ApprovalChange,
} from '@crossfade/contracts/api/approvals'
import { protectionSchema } from '@crossfade/contracts/api/freezes'
import type { MappingView } from '@crossfade/contracts/api/mappings'
import { everywhere } from '@crossfade/contracts/roles'
import { manualClock, type ManualClock } from '@crossfade/testkit/manual-clock'
import { testEngines } from '../store/engines-for-test.ts'
import type { Granter } from '../store/author.ts'
import type { Store } from '../store/store.ts'
import { anna as annaThere, edited, testActs, type TestActs } from './acts-for-test.ts'

const person = (name: string): Granter => ({
  ...annaThere,
  actor: { kind: 'user', id: name.toLowerCase(), name },
  access: everywhere('admin'),
})
const [anna, ben, cleo, dora] = [person('Anna'), person('Ben'), person('Cleo'), person('Dora')]

describe.each(testEngines())('approvals on $name', (engine) => {
  let store: Store
  let clock: ManualClock
  let acts: TestActs

  beforeAll(async () => {
    await engine.start()
    clock = manualClock(Date.parse('2026-11-20T12:00:00Z'))
    store = await engine.open({ clock })
    acts = testActs(store, clock)
  })
  afterAll(async () => {
    await store.close()
    await engine.stop()
  })
  beforeEach(() => protect({ abovePercent: 25 }))

  const protect = async (input: object) => {
    const { version } = await acts.governance.get('default')
    return await acts.governance.setProtection(anna, 'default', version, protectionSchema.parse(input))
  }
  const raise = ({ id, shareVersion }: MappingView, percent: number): ApprovalChange => ({
    act: 'share',
    target: { kind: 'mapping', id },
    percent,
    ifVersion: shareVersion,
  })
  const request = (change: ApprovalChange, by = anna, reason = 'tested for a week') =>
    acts.approvals.request(by, approvalCreateSchema.parse({ change, reason }))
  const approve = (by: Granter, { id, version }: { id: string; version: number }) =>
    acts.approvals.vote(by, id, version, 'approve', '')
  const percentOf = async ({ id }: { id: string }) => (await acts.mappings.get(id)).split.percent

  it('applies a raise once enough people agreed, as the change it was', async () => {
    await protect({ abovePercent: 25, quorum: 2 })
    const mapping = await acts.aMapping()
    const asked = await request(raise(mapping, 60))
    expect(asked).toMatchObject({
      status: 'pending',
      title: `Raise ${mapping.name} from 0 % to 60 %`,
      before: { percent: 0 },
      after: { percent: 60 },
      moves: [{ mappingId: mapping.id, percentToNew: 60 }],
      needs: `${mapping.name} goes to 60 %, and above 25 % people have to agree`,
      quorum: 2,
      requestedBy: { id: 'anna' },
    })
    await expect(approve(ben, asked)).resolves.toMatchObject({ status: 'pending', votes: [{}] })
    expect(await percentOf(mapping)).toBe(0)
    await expect(approve(ben, asked)).rejects.toMatchObject({ code: 'already_voted' })
    await expect(approve(cleo, asked)).resolves.toMatchObject({ status: 'applied' })
    expect(await percentOf(mapping)).toBe(60)
    const history = await acts.historyOf(mapping.id)
    expect(history.slice(-5)).toMatchObject([
      { act: 'approval.request', actor: { name: 'Anna' } },
      { act: 'approval.approve', actor: { name: 'Ben' } },
      { act: 'approval.approve', actor: { name: 'Cleo' } },
      {
        act: 'mapping.share',
        actor: { name: 'Anna' },
        reason: 'tested for a week (agreed on by Ben, Cleo)',
      },
      { act: 'approval.apply' },
    ])
  })

  it('lets nobody approve what they asked for, unless the environment allows it', async () => {
    const mapping = await acts.aMapping()
    const asked = await request(raise(mapping, 60))
    await expect(approve(anna, asked)).rejects.toMatchObject({ code: 'own_request' })
    expect(await percentOf(mapping)).toBe(0)
    await protect({ abovePercent: 25, selfApproval: true })
    await expect(approve(anna, await request(raise(mapping, 60)))).resolves.toMatchObject({
      status: 'applied',
    })
  })

  it('takes votes of people only, and none of whoever made the token that asked', async () => {
    const mapping = await acts.aMapping()
    const { id: tokenId } = await store.transaction((db) =>
      db.apiToken.create({ data: { name: 'deploy', prefix: 'p', tokenHash: mapping.id, createdBy: 'Anna' } }),
    )
    const token: Granter = { ...anna, actor: { kind: 'token', id: tokenId, name: 'deploy' } }
    const asked = await request(raise(mapping, 60), token)
    await expect(approve(token, asked)).rejects.toMatchObject({ code: 'forbidden' })
    await expect(approve(anna, asked)).rejects.toMatchObject({ code: 'own_request' })
    expect(await percentOf(mapping)).toBe(0)
    await expect(approve(ben, asked)).resolves.toMatchObject({ status: 'applied' })
  })

  it('applies once when two approve at the same time', async () => {
    const mapping = await acts.aMapping()
    const asked = await request(raise(mapping, 60))
    const both = await Promise.allSettled([approve(ben, asked), approve(cleo, asked)])
    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    expect(await acts.mappings.get(mapping.id)).toMatchObject({
      split: { percent: 60 },
      shareVersion: mapping.shareVersion + 1,
    })
    expect((await acts.historyOf(mapping.id)).filter(({ act }) => act === 'mapping.share')).toHaveLength(1)
  })

  it('(k) two approvals race for one stage: it is approved once', async () => {
    const mapping = await acts.aMapping()
    const ramp = await acts.aRamp(
      { kind: 'mapping', id: mapping.id },
      {
        plan: {
          stages: [
            { percent: 10, holdMs: 0, gate: 'approval' },
            { percent: 50, holdMs: 0 },
          ],
        },
      },
    )
    await acts.ramps.perform(anna, ramp.id, 'start', {}, 1)
    await expect(acts.ramps.perform(ben, ramp.id, 'approve', { leaving: 0 }, null)).rejects.toMatchObject({
      code: 'approval_required',
    })
    const asked = await request({ act: 'ramp-stage', rampId: ramp.id, leaving: 0 })
    expect(asked.title).toBe(`Let the ramp of ${mapping.name} go on from 10 % to 50 %`)
    const both = await Promise.allSettled([approve(ben, asked), approve(cleo, asked)])
    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    const { run } = await acts.ramps.detail(ramp.id)
    expect(run).toMatchObject({ stage: 0, percent: 10, approval: {} })
    expect(['Ben', 'Cleo']).toContain(run.approval?.by)
    const approvals = (await acts.historyOf(mapping.id)).filter(({ act }) => act === 'ramp.approved')
    expect(approvals).toHaveLength(1)
  })

  it('forgets the votes when the request is edited, and refuses votes on what was there before', async () => {
    await protect({ abovePercent: 25, quorum: 2 })
    const mapping = await acts.aMapping()
    const asked = await request(raise(mapping, 60))
    await approve(ben, asked)
    const input = approvalInputSchema.parse({ change: raise(mapping, 80), reason: 'more' })
    await expect(acts.approvals.edit(ben, asked.id, asked.version, input)).rejects.toMatchObject({
      code: 'forbidden',
    })
    const after = await acts.approvals.edit(anna, asked.id, asked.version, input)
    expect(after).toMatchObject({ votes: [], version: asked.version + 1, after: { percent: 80 } })
    await expect(approve(cleo, asked)).rejects.toMatchObject({ code: 'version_conflict' })
    await approve(cleo, after)
    await expect(approve(ben, after)).resolves.toMatchObject({ status: 'applied' })
    expect(await percentOf(mapping)).toBe(80)
  })

  it('fails rather than merges when the share has moved since', async () => {
    const mapping = await acts.aMapping()
    const asked = await request(raise(mapping, 60))
    await acts.shares.set(dora, 'mapping', mapping.id, mapping.shareVersion, { percent: 5 })
    await expect(approve(ben, asked)).resolves.toMatchObject({
      status: 'failed',
      statusReason: expect.stringContaining('Dora changed this'),
    })
    expect(await percentOf(mapping)).toBe(5)
    await expect(request(raise(mapping, 60))).rejects.toMatchObject({ code: 'version_conflict' })
  })

  it('waits behind a stopped line, and is applied when somebody asks again', async () => {
    const mapping = await acts.aMapping()
    const asked = await request(raise(mapping, 60))
    await acts.governance.setLine(dora, 'default', { stopped: true, reason: 'night' })
    await expect(approve(ben, asked)).resolves.toMatchObject({
      status: 'approved',
      statusReason: 'Dora stopped the line (night): no raises until it is lifted',
    })
    await acts.governance.setLine(dora, 'default', { stopped: false, reason: '' })
    const twice = await Promise.allSettled([
      acts.approvals.apply(ben, asked.id),
      acts.approvals.apply(cleo, asked.id),
    ])
    expect(twice.map(({ status }) => status)).toContain('fulfilled')
    expect(await acts.mappings.get(mapping.id)).toMatchObject({
      split: { percent: 60 },
      shareVersion: mapping.shareVersion + 1,
    })
  })

  it('ends with one vote against, with its time, or when it is taken back', async () => {
    const mapping = await acts.aMapping()
    const [declined, expired, cancelled] = [
      await request(raise(mapping, 60)),
      await request(raise(mapping, 70)),
      await request(raise(mapping, 80)),
    ]
    await expect(
      acts.approvals.vote(ben, declined.id, declined.version, 'decline', 'not on a Friday'),
    ).resolves.toMatchObject({ status: 'declined', statusReason: 'Ben: not on a Friday' })
    await acts.approvals.cancel(anna, cancelled.id)
    clock.advance(72 * 3_600_000)
    for (const one of [declined, expired, cancelled]) {
      await expect(approve(cleo, one)).rejects.toMatchObject({ code: 'approval_over' })
    }
    expect(await percentOf(mapping)).toBe(0)
    const about = { among: 'all', limit: 10, objectId: mapping.id } as const
    const idsIn = async (status: 'expired' | 'open' | 'cancelled' | 'declined') =>
      (await acts.approvals.list({ ...about, status })).items.map(({ id }) => id)
    expect(await idsIn('expired')).toEqual([expired.id])
    expect(await idsIn('open')).toEqual([])
    expect(await idsIn('cancelled')).toEqual([cancelled.id])
    expect(await idsIn('declined')).toEqual([declined.id])
  })

  it('applies a change of a definition, and names fields of one that is not acceptable', async () => {
    const mapping = await acts.aMapping()
    await acts.shares.set(anna, 'mapping', mapping.id, mapping.shareVersion, { percent: 25 })
    await protect({ abovePercent: 10 })
    const { confirmMoves: _none, ...body } = edited(mapping, { new: { serviceId: mapping.legacy.serviceId } })
    const change = { act: 'update', resource: 'mapping', id: mapping.id, ifVersion: mapping.version } as const
    await expect(request({ ...change, body: { ...body, name: '' } })).rejects.toMatchObject({
      code: 'invalid_input',
      errors: [{ path: 'change.body.name' }],
    })
    const asked = await request({ ...change, body })
    await expect(approve(ben, asked)).resolves.toMatchObject({ status: 'applied' })
    expect(await acts.mappings.get(mapping.id)).toMatchObject({
      version: mapping.version + 1,
      new: { serviceId: mapping.legacy.serviceId },
    })
  })

  it('asks for the rights that the change itself takes', async () => {
    const mapping = await acts.aMapping()
    const viewer: Granter = { ...anna, access: everywhere('viewer') }
    await expect(request(raise(mapping, 60), viewer)).rejects.toMatchObject({ code: 'forbidden' })
    const target = { kind: 'mapping', id: mapping.id } as const
    const operator: Granter = { ...anna, access: everywhere('operator') }
    await expect(
      request({ act: 'point-of-no-return', target, ifVersion: mapping.version }, operator),
    ).rejects.toMatchObject({ code: 'forbidden' })
  })

  describe('the point of no return', () => {
    const goneFor = async (kind: 'mapping' | 'group', id: string, version: number) => {
      const change = { act: 'point-of-no-return', target: { kind, id }, ifVersion: version } as const
      return await approve(ben, await request(change))
    }

    it('is reached when people agree; then roll back says why not, and the kill switch names it', async () => {
      const mapping = await acts.aMapping()
      await goneFor('mapping', mapping.id, mapping.version)
      expect(await acts.mappings.get(mapping.id)).toMatchObject({
        pointOfNoReturn: true,
        version: mapping.version + 1,
      })
      await expect(acts.shares.rollBack(cleo, 'mapping', mapping.id, {})).rejects.toMatchObject({
        code: 'point_of_no_return',
      })
      const killed = await acts.shares.rollBackEnvironment(cleo, 'default', {})
      expect(killed.skipped).toMatchObject([{ id: mapping.id, reason: expect.stringContaining('has moved') }])
    })

    it('is overridden with an approval, which rolls back', async () => {
      const group = await acts.aGroup()
      const member = await acts.aMapping({ split: { kind: 'group', groupId: group.id } })
      await acts.shares.set(anna, 'group', group.id, 1, { percent: 20 })
      const { version } = await acts.groups.get(group.id)
      await goneFor('group', group.id, version)
      await expect(acts.shares.rollBack(cleo, 'group', group.id, {})).rejects.toMatchObject({
        code: 'point_of_no_return',
      })
      const target = { kind: 'group', id: group.id } as const
      const asked = await request({ act: 'roll-back', target, ifVersion: version + 1 })
      expect(asked.title).toBe(`Roll ${group.name} back although its data has moved`)
      await expect(approve(ben, asked)).resolves.toMatchObject({ status: 'applied' })
      expect(await acts.groups.get(group.id)).toMatchObject({ split: { percent: 0 } })
      expect(await acts.mappings.get(member.id)).toMatchObject({ pointOfNoReturn: false })
      await expect(request({ act: 'roll-back', target, ifVersion: version + 2 })).rejects.toMatchObject({
        errors: [{ path: 'change.target' }],
      })
    })

    it('is a raise: it waits for a stopped line', async () => {
      const mapping = await acts.aMapping()
      await acts.governance.setLine(dora, 'default', { stopped: true, reason: 'night' })
      await expect(goneFor('mapping', mapping.id, mapping.version)).resolves.toMatchObject({
        status: 'approved',
        statusReason: expect.stringContaining('stopped the line'),
      })
      expect(await acts.mappings.get(mapping.id)).toMatchObject({ pointOfNoReturn: false })
      await acts.governance.setLine(dora, 'default', { stopped: false, reason: '' })
    })

    it('is reached by nobody alone', async () => {
      const mapping = await acts.aMapping()
      await expect(
        acts.pointsOfNoReturn.declare(anna, 'mapping', mapping.id, mapping.version, 'why not'),
      ).rejects.toMatchObject({ code: 'approval_required' })
      expect(await acts.mappings.get(mapping.id)).toMatchObject({ pointOfNoReturn: false })
    })
  })
})
