import type { Socket } from 'node:net'
import type { Environment } from '@crossfade/core/model'
import {
  canonicalAddress,
  inNetwork,
  parseAddress,
  parseNetwork,
  type Network,
} from '@crossfade/core/network'

const networks = new WeakMap<readonly string[], readonly Network[]>()

/** Whether what this hop says about others is believed (rule 6). */
export function isTrustedHop(environment: Environment, address: string): boolean {
  if (environment.trustedHops.length === 0) return false
  const parsed = parseAddress(address)
  return parsed !== null && networksOf(environment.trustedHops).some((network) => inNetwork(parsed, network))
}

/**
 * The client: from the socket leftwards through `X-Forwarded-For`, the first address that is not a trusted
 * hop. What stands left of it, or is no address, is hearsay.
 */
export function clientAddress(
  environment: Environment,
  peer: string,
  forwardedFor: readonly string[],
): string {
  if (forwardedFor.length === 0 || !isTrustedHop(environment, peer)) return peer
  let client = peer
  for (const entry of forwardedFor.join(',').split(',').toReversed()) {
    const address = addressOfNode(entry.trim())
    if (address === null) return client
    client = address
    if (!isTrustedHop(environment, client)) return client
  }
  return client
}

const peers = new WeakMap<Socket, string>()

/** RFC 5952 form of a connection's peer, worked out once; an unknown one (a closed socket) is the unspecified address. */
export function peerAddress(socket: Socket): string {
  let known = peers.get(socket)
  if (known === undefined) {
    const { remoteAddress } = socket
    if (remoteAddress === undefined) return '::'
    known = canonicalAddress(remoteAddress.replace(/%.*$/, '')) ?? '::'
    peers.set(socket, known)
  }
  return known
}

/** How the client speaks to us. */
export function schemeOf(socket: Socket): 'http' | 'https' {
  return 'encrypted' in socket ? 'https' : 'http'
}

/** Some proxies add a port: `192.0.2.1:4711`, `[2001:db8::1]:4711`. */
function addressOfNode(node: string): string | null {
  const bracketed = /^\[([^\]]+)\](?::\d+)?$/.exec(node)
  const withPort = /^(\d+\.\d+\.\d+\.\d+):\d+$/.exec(node)
  return canonicalAddress(bracketed?.[1] ?? withPort?.[1] ?? node)
}

function networksOf(texts: readonly string[]): readonly Network[] {
  let known = networks.get(texts)
  if (!known) {
    known = texts.flatMap((text) => parseNetwork(text) ?? [])
    networks.set(texts, known)
  }
  return known
}
