/** An address as 16 bytes, IPv4 in its mapped form (RFC 4291 section 2.5.5.2), as one big number. */
export type Address = bigint

export interface Network {
  readonly first: Address
  readonly last: Address
}

const MAPPED = 0xffff_0000_0000n

/** Reads an IPv4 or IPv6 address; null for anything else (also for names, zones, octal or short forms). */
export function parseAddress(text: string): Address | null {
  return text.includes(':') ? parseV6(text) : parseV4(text)
}

/** Reads `10.0.0.0/8`, `fd00::/8` or a single address; bits beyond the mask are ignored. */
export function parseNetwork(text: string): Network | null {
  const slash = text.indexOf('/')
  const address = parseAddress(slash === -1 ? text : text.slice(0, slash))
  if (address === null) return null
  if (slash === -1) return { first: address, last: address }

  const mask = text.slice(slash + 1)
  const widest = text.includes(':') ? 128 : 32
  if (!/^(0|[1-9]\d{0,2})$/.test(mask) || Number(mask) > widest) return null
  const span = (1n << BigInt(widest - Number(mask))) - 1n
  const first = address & ~span
  return { first, last: first | span }
}

export function inNetwork(address: Address, network: Network): boolean {
  return address >= network.first && address <= network.last
}

/** The one text form of an address (RFC 5952); mapped IPv4 as plain IPv4, so that a dual-stack socket agrees. */
export function canonicalAddress(text: string): string | null {
  const address = parseAddress(text)
  return address === null ? null : formatAddress(address)
}

export function formatAddress(address: Address): string {
  if (address >> 32n === MAPPED >> 32n) {
    return [24n, 16n, 8n, 0n].map((shift) => (address >> shift) & 0xffn).join('.')
  }
  const groups = Array.from({ length: 8 }, (_, i) => Number((address >> BigInt(112 - 16 * i)) & 0xffffn))
  const gap = longestZeros(groups)
  const hex = (part: readonly number[]) => part.map((group) => group.toString(16)).join(':')
  if (gap.length < 2) return hex(groups)
  return `${hex(groups.slice(0, gap.start))}::${hex(groups.slice(gap.start + gap.length))}`
}

function parseV4(text: string): Address | null {
  const parts = text.split('.')
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256)) {
    return null
  }
  return MAPPED | BigInt(parts.reduce((sum, part) => sum * 256 + Number(part), 0))
}

function parseV6(text: string): Address | null {
  const lastColon = text.lastIndexOf(':')
  const tail = text.slice(lastColon + 1)
  if (tail.includes('.')) {
    const v4 = parseV4(tail)
    if (v4 === null) return null
    const low = v4 & 0xffff_ffffn
    return parseV6(
      `${text.slice(0, lastColon + 1)}${(low >> 16n).toString(16)}:${(low & 0xffffn).toString(16)}`,
    )
  }
  const halves = text.split('::')
  if (halves.length > 2) return null
  const [head = [], rest = []] = halves.map((half) => (half === '' ? [] : half.split(':')))
  const zeros = 8 - head.length - rest.length
  if (halves.length === 2 ? zeros < 1 : zeros !== 0) return null
  const groups = [...head, ...Array.from({ length: zeros }, () => '0'), ...rest]
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return null
  return groups.reduce((sum, group) => (sum << 16n) | BigInt(`0x${group}`), 0n)
}

function longestZeros(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 }
  for (let start = 0; start < 8; start++) {
    let length = 0
    while (start + length < 8 && groups[start + length] === 0) length++
    if (length > best.length) best = { start, length }
  }
  return best
}
