import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { aMapping, aSnapshot, aSplit } from '@crossfade/testkit/builders'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startAgent, type AgentRig } from '../agent-rig.ts'
import { nodeDisk } from '../config/disk.ts'
import { memoryDisk } from '../config/memory-disk.ts'
import { isAuthorized, storedAdminToken } from './admin-token.ts'

describe('the admin port', () => {
  let rig: AgentRig
  beforeAll(async () => {
    rig = await startAgent(aSnapshot({ mappings: [aMapping({ split: aSplit({ share: 2500 }) })] }))
  })
  afterAll(() => rig.close())

  const closed = [
    ['GET', '/snapshot'],
    ['POST', '/explain'],
    ['GET', '/rollback'],
    ['POST', '/rollback'],
    ['DELETE', '/rollback/some-id'],
  ] as const
  it.each(closed)('answers %s %s only to its token', async (method, path) => {
    for (const token of [null, 'wrong', '']) {
      const answer = await rig.call(method, path, method === 'POST' ? { all: true } : undefined, token)
      expect(answer.status).toBe(401)
      expect(answer.headers.get('content-type')).toContain('application/problem+json')
    }
  })

  it('shows what is in force', async () => {
    const body = await json(await rig.call('GET', '/snapshot'))
    expect(body).toMatchObject({
      source: 'bootstrap',
      header: { revision: 1 },
      emergencies: [],
      rolledBack: [],
      snapshot: { mappings: [{ name: 'books' }] },
    })
  })

  it('explains a request the way it would treat it', async () => {
    const forced = await json(await rig.call('POST', '/explain', { url: '/v2/books?x=1' }))
    expect(forced).toMatchObject({
      outcome: 'mapped',
      side: 'legacy',
      service: { id: 'legacy-books' },
      forwarded: 'GET /v2/books?x=1',
      reason: { kind: 'missing-identity' },
    })
    const other = await json(await rig.call('POST', '/explain', { url: 'http://api.example/other' }))
    expect(other).toMatchObject({ outcome: 'default', forwarded: 'GET /other' })
    const odd = await json(await rig.call('POST', '/explain', { url: '/a/../b' }))
    expect(odd).toMatchObject({ outcome: 'refused' })
  })

  it('names every field that is not acceptable, and does nothing', async () => {
    const answer = await rig.call('POST', '/rollback', { mappings: 'books', force: true })
    expect(answer.status).toBe(400)
    expect(JSON.stringify(await answer.json())).toContain('mappings')
    expect((await rig.call('POST', '/rollback', {})).status).toBe(400)
    expect((await rig.call('POST', '/rollback', '{')).status).toBe(400)
    expect((await rig.call('POST', '/rollback', { names: ['nobody'] })).status).toBe(404)
    expect((await rig.call('POST', '/rollback', ' '.repeat(2_000_000))).status).toBe(413)
    expect(await json(await rig.call('GET', '/rollback'))).toEqual({ items: [] })
  })

  it('knows what it has not', async () => {
    expect((await rig.call('GET', '/nothing')).status).toBe(404)
    expect((await rig.call('POST', '/readyz')).status).toBe(405)
  })

  it('says more about readiness when asked', async () => {
    const body = await json(await rig.call('GET', '/readyz?verbose'))
    expect(body).toMatchObject({
      status: 'ready',
      checks: [{ name: 'configuration', ok: true, detail: 'revision 1 from bootstrap' }, {}, {}],
      link: { kind: 'dialing' },
    })
  })

  it('has a metrics page that needs no token', async () => {
    const answer = await rig.call('GET', '/metrics', undefined, null)
    expect(answer.headers.get('content-type')).toContain('text/plain')
    const page = await answer.text()
    expect(page).toContain('crossfade_agent_snapshot_revision 1\n')
    expect(page).toContain('crossfade_agent_ready 1\n')
  })
})

describe('the admin token', () => {
  it('is made once, for this user only, and stays', async () => {
    const disk = memoryDisk()
    expect(await storedAdminToken('/state', disk, () => 'drawn')).toBe('drawn')
    expect(await storedAdminToken('/state', disk, () => 'other')).toBe('drawn')
  })

  it('is in a file nobody else can read', async () => {
    const rig = await startAgent()
    await storedAdminToken(join(rig.folder, 'state'), nodeDisk, () => 'drawn')
    expect((await stat(join(rig.folder, 'state/admin-token'))).mode & 0o777).toBe(0o600)
    await rig.close()
  })

  it('is asked for as a bearer token', () => {
    expect(isAuthorized('Bearer right', 'right')).toBe(true)
    expect(isAuthorized('bearer right', 'right')).toBe(true)
    expect(isAuthorized('Basic right', 'right')).toBe(false)
    expect(isAuthorized(undefined, '')).toBe(false)
    expect(isAuthorized('Bearer ', '')).toBe(false)
  })
})

async function json(answer: Response): Promise<unknown> {
  return answer.json()
}
