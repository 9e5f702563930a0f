import { lookup } from 'node:dns'
import type { LookupFunction } from 'node:net'

export interface FoundAddress {
  readonly address: string
  readonly family: 4 | 6
}

/** The addresses of a name; rejects when there are none. */
export type FindAddresses = (hostname: string) => Promise<readonly FoundAddress[]>

/**
 * For `net.connect`: hands out allowed addresses only, and the connection is made to exactly one of these, so that
 * a name cannot mean one thing when it is judged and another when it is used (rule 30).
 */
export function guardedLookup(
  find: FindAddresses,
  problemOf: (address: string) => string | null | Promise<string | null>,
): LookupFunction {
  return (hostname, options, callback) => {
    const allowed = async () => {
      const all = await find(hostname)
      const family = options.family === 4 || options.family === 6 ? options.family : null
      const fitting = family === null ? all : all.filter((one) => one.family === family)
      const problems = await Promise.all(fitting.map(async ({ address }) => problemOf(address)))
      const [first, ...others] = fitting.filter((_, i) => problems[i] === null)
      if (!first) throw addressRefused(hostname, problems[0])
      return [first, ...others] as const
    }
    allowed().then(
      (addresses) => {
        if (options.all === true) callback(null, [...addresses])
        else callback(null, addresses[0].address, addresses[0].family)
      },
      (error: NodeJS.ErrnoException) => callback(error, ''),
    )
  }
}

/** As the system resolves names: hosts file, then name servers. */
export function findBySystem(hostname: string): Promise<FoundAddress[]> {
  return new Promise((resolve, reject) => {
    lookup(hostname, { all: true }, (error, found) => {
      if (error) reject(error)
      else resolve(found.map(({ address, family }) => ({ address, family: family === 6 ? 6 : 4 })))
    })
  })
}

function addressRefused(hostname: string, problem: string | null | undefined): NodeJS.ErrnoException {
  const why = problem ?? 'no address of the wanted kind'
  return Object.assign(new Error(`${hostname}: ${why}`), { code: 'ERR_ADDRESS_REFUSED' })
}
