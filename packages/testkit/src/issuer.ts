import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Algorithm, Issuer } from '@crossfade/core/auth/auth'
import {
  CompactSign,
  exportJWK,
  generateKeyPair,
  type CompactJWSHeaderParameters,
  type CryptoKey,
  type JWK,
} from 'jose'

/** A programmable issuer of tokens on the loopback: it signs, publishes its keys, rotates them, and fails in many ways. */
export interface TestIssuer {
  /** As an environment knows it. */
  readonly config: Issuer
  /** How often its keys were asked for. */
  fetches(): number
  /**
   * A token with good claims for `now` (ms), unless said otherwise; a claim that is `undefined` is left out.
   * `header` comes on top of `alg` and `kid`.
   */
  token(
    now: number,
    claims?: Readonly<Record<string, unknown>>,
    header?: Partial<CompactJWSHeaderParameters>,
  ): Promise<string>
  /** From now on another key signs. The old one stays published unless it is to go. */
  rotate(options?: { readonly keepOld?: boolean }): Promise<void>
  /** What it answers when asked for its keys. */
  serve(
    how: 'keys' | 'error' | 'garbage' | 'empty' | 'silence' | 'endless' | { readonly redirectTo: string },
  ): void
  /** The public key that signs now. */
  publicKey(): JWK
  /** Nobody listens any more. */
  goAway(): Promise<void>
  /** On the same port as before. */
  comeBack(): Promise<void>
  close(): Promise<void>
}

interface SigningKey {
  readonly kid: string
  readonly privateKey: CryptoKey
  readonly jwk: JWK
}

export async function startIssuer(
  options: { readonly algorithm?: Algorithm; readonly name?: string } & Partial<Issuer> = {},
): Promise<TestIssuer> {
  const { algorithm = 'ES256', name = 'login', ...rest } = options
  let made = 0
  const makeKey = async (): Promise<SigningKey> => {
    const kid = `${name}-${++made}`
    const { publicKey, privateKey } = await generateKeyPair(algorithm, { extractable: true })
    return { kid, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, use: 'sig', alg: algorithm } }
  }
  let current = await makeKey()
  let published: readonly JWK[] = [current.jwk]
  let how: Parameters<TestIssuer['serve']>[0] = 'keys'
  let fetches = 0

  const answer = (response: ServerResponse) => {
    if (typeof how === 'object') return response.writeHead(302, { location: how.redirectTo }).end()
    switch (how) {
      case 'keys':
        return response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: published }))
      case 'error':
        return response.writeHead(500).end('{"keys":[]}')
      case 'garbage':
        return response.end('<html>{"keys":')
      case 'empty':
        return response.end('{"keys":[]}')
      case 'endless':
        return pour(response)
      case 'silence':
    }
  }
  const server = createServer((_request, response) => {
    fetches += 1
    response.on('error', () => {})
    answer(response)
  })
  const listen = async (port: number) => {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    return (server.address() as AddressInfo).port
  }
  const goAway = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  const port = await listen(0)
  const config: Issuer = {
    name,
    issuer: `https://${name}.example`,
    audiences: ['books'],
    jwksUrl: `http://127.0.0.1:${port}/jwks.json`,
    algorithms: [algorithm],
    leewaySeconds: 30,
    from: { kind: 'header', name: 'authorization' },
    ...rest,
  }

  return {
    config,
    fetches: () => fetches,
    async token(now, claims = {}, header = {}) {
      const seconds = Math.floor(now / 1_000)
      const payload = {
        iss: config.issuer,
        aud: config.audiences[0],
        sub: 'u1',
        iat: seconds,
        exp: seconds + 300,
        ...claims,
      }
      return new CompactSign(new TextEncoder().encode(JSON.stringify(payload)))
        .setProtectedHeader({ alg: algorithm, kid: current.kid, ...header })
        .sign(current.privateKey, { crit: { exp: true } })
    },
    async rotate({ keepOld = true } = {}) {
      current = await makeKey()
      published = keepOld ? [...published, current.jwk] : [current.jwk]
    },
    serve(next) {
      how = next
    },
    publicKey: () => current.jwk,
    goAway,
    async comeBack() {
      await listen(port)
    },
    close: () => (server.listening ? goAway() : Promise.resolve()),
  }
}

/** Keys without end, as fast as they are taken. */
function pour(response: ServerResponse): void {
  const chunk = Buffer.alloc(64 * 1024, ' ')
  const more = () => {
    while (!response.destroyed && response.write(chunk));
  }
  response.on('drain', more)
  more()
}
