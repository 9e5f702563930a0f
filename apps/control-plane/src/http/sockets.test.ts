import { everywhere } from '@crossfade/contracts/roles'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { systemAuthor } from '../store/author.ts'
import { newAgentKey } from '@crossfade/runtime/assertion'
import { becomeAdministrator, joinForTest, tokenInput } from '../people/people-for-test.ts'
import { ask, openHttp, publicUrl, type HttpHouse } from './http-for-test.ts'

let house: HttpHouse
let base: string
beforeAll(async () => {
  house = await openHttp()
  await house.app.listen({ port: 0, host: '127.0.0.1' })
  base = `ws://127.0.0.1:${(house.app.server.address() as AddressInfo).port}/api/v1`
  await becomeAdministrator(house.people, 'ada@example.com', 'correct horse')
})
afterAll(() => house.close())

/** `open`, or the status and problem code of the refusal. */
function connect(
  path: string,
  headers: Record<string, string>,
): Promise<{ outcome: string; socket: WebSocket }> {
  const socket = new WebSocket(`${base}${path}`, { headers })
  return new Promise((resolve, reject) => {
    socket.on('open', () => resolve({ outcome: 'open', socket }))
    socket.on('error', reject)
    socket.on('unexpected-response', (_request, response) => {
      response.setEncoding('utf8')
      let text = ''
      response.on('data', (chunk: string) => (text += chunk))
      response.on('end', () => {
        const { code } = JSON.parse(text) as { code: string }
        resolve({ outcome: `${response.statusCode} ${code}`, socket })
      })
    })
  })
}
const closed = (socket: WebSocket) => new Promise<number>((resolve) => socket.on('close', resolve))
const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
let names = 0
const anAgent = () => joinForTest(house, `edge-${++names}`)

async function cookie(): Promise<string> {
  const body = { email: 'ada@example.com', password: 'correct horse' }
  const answer = await ask(house, 'POST', 'session', { body, headers: { origin: publicUrl } })
  return String(answer.headers['set-cookie']).split(';', 1)[0] ?? ''
}

describe("the agents' link", () => {
  it('opens for an agent that proves who it is, once for each proof, and hands the socket to the hub', async () => {
    const { assertion, credential } = await anAgent()
    const proof = await assertion()
    const { outcome, socket } = await connect('/link', bearer(proof))
    expect(outcome).toBe('open')
    const { agentId, credentialId } = credential
    expect(house.links.at(-1)?.admitted).toMatchObject({ agentId, credentialId, environmentId: 'default' })
    socket.terminate()
    expect((await connect('/link', bearer(proof))).outcome).toBe('401 unauthenticated')
  })

  it('is refused before the upgrade to everybody else', async () => {
    const { token } = await house.people.agentTokens.create(systemAuthor, tokenInput('many'))
    const { assertion } = await anAgent()
    const strangers = [
      {},
      bearer('cfa_nonsense'),
      bearer(house.tokens.admin),
      bearer(token),
      bearer(await assertion('renew')),
      bearer(await assertion('link', { key: newAgentKey() })),
      bearer(await assertion('link', { subject: 'nobody' })),
    ]
    for (const headers of [...strangers, { cookie: await cookie(), origin: publicUrl }]) {
      expect((await connect('/link', headers)).outcome).toBe('401 unauthenticated')
    }
  })

  it('closes on a frame larger than agents send', async () => {
    const { assertion } = await anAgent()
    const { socket } = await connect('/link', bearer(await assertion()))
    house.links.at(-1)?.socket.on('error', () => {})
    socket.send('x'.repeat(4 * 1024 * 1024 + 1))
    expect(await closed(socket)).toBe(1009)
  })
})

describe('the live feed', () => {
  it('opens for a session from our own page and for a token', async () => {
    const session = await connect('/live', { cookie: await cookie(), origin: publicUrl })
    expect(session.outcome).toBe('open')
    const token = await connect('/live?environmentId=staging', bearer(house.tokens.viewer))
    expect(token.outcome).toBe('open')
    expect(house.feeds.at(-1)?.environmentId).toBe('staging')
    session.socket.terminate()
    token.socket.terminate()
  })

  it('is refused to strangers, other sites and odd questions', async () => {
    expect((await connect('/live', {})).outcome).toBe('401 unauthenticated')
    const own = { cookie: await cookie() }
    expect((await connect('/live', { ...own, origin: 'https://evil.example' })).outcome).toBe(
      '403 cross_site',
    )
    expect((await connect('/live', own)).outcome).toBe('403 cross_site')
    const odd = await connect('/live?colour=green', bearer(house.tokens.viewer))
    expect(odd.outcome).toBe('400 invalid_input')
  })

  it('ends with the session', async () => {
    const headers = { cookie: await cookie(), origin: publicUrl }
    const other = { cookie: await cookie(), origin: publicUrl }
    const { socket } = await connect('/live', headers)
    const still = await connect('/live', other)
    const end = closed(socket)
    await ask(house, 'DELETE', 'session', { headers })
    expect(await end).toBe(1008)
    expect(still.socket.readyState).toBe(WebSocket.OPEN)
    await ask(house, 'DELETE', 'session', { headers: other })
    await closed(still.socket)
  })

  it('ends with the token', async () => {
    const { token, id } = await house.people.apiTokens.create(systemAuthor, {
      name: 'screen',
      access: everywhere('viewer'),
      expiresAt: null,
    })
    const { socket } = await connect('/live', bearer(token))
    const end = closed(socket)
    await house.ask('admin', 'DELETE', `tokens/${id}`)
    expect(await end).toBe(1008)
  })

  it('ends within seconds when another replica ended the session', async () => {
    const { socket } = await connect('/live', { cookie: await cookie(), origin: publicUrl })
    const end = closed(socket)
    await house.store.transaction((db) => db.session.deleteMany({}))
    house.clock.advance(3_000)
    expect(await end).toBe(1008)
  })

  it('ends within seconds when its token expires', async () => {
    const { token } = await house.people.apiTokens.create(systemAuthor, {
      name: 'short',
      access: everywhere('viewer'),
      expiresAt: new Date(house.clock.now() + 2_000).toISOString(),
    })
    const { socket } = await connect('/live', bearer(token))
    const end = closed(socket)
    house.clock.advance(3_000)
    expect(await end).toBe(1008)
  })
})
