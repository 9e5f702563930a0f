import { Problem } from '@crossfade/contracts/problems'

/** A store that cannot be opened: the message is for the person who started the program. */
export class StoreOpenError extends Error {
  override readonly name = 'StoreOpenError'
}

const CODES = /^[0-9A-Z]{5}$/
const unique = '23505'
const foreignKey = '23503'
const serialization = new Set(['40001', '40P01'])
/** Connection exceptions, operator intervention, too many connections, cannot connect now. */
const away = /^(08|57P|53300|57014)/
const awayInNode = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ENOENT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
])
/** Prisma: not reachable, timed out, closed the connection, no connection from the pool, no transaction. */
const awayInPrisma = new Set(['P1001', 'P1002', 'P1008', 'P1017', 'P2024', 'P2028'])
const awayWords =
  /timeout exceeded when trying to connect|Connection terminated|Query read timeout|timeout expired|Cannot use a pool after|Client has encountered a connection error/i

/** The SQLSTATE of a database error, however deep Prisma has wrapped it; null when there is none. */
export function sqlStateOf(error: unknown): string | null {
  for (const layer of layers(error)) {
    const code = textOf(layer, 'originalCode') ?? textOf(layer, 'code')
    if (code !== undefined && CODES.test(code) && !code.startsWith('P1') && !code.startsWith('P2'))
      return code
  }
  return null
}

export function isUniqueViolation(error: unknown): boolean {
  return sqlStateOf(error) === unique
}

export function isForeignKeyViolation(error: unknown): boolean {
  return sqlStateOf(error) === foreignKey
}

/** Two transactions got in each other's way; trying again is right. */
export function isSerializationFailure(error: unknown): boolean {
  return (
    serialization.has(sqlStateOf(error) ?? '') || layers(error).some((e) => textOf(e, 'code') === 'P2034')
  )
}

/** The database is away, starting, stopping or overloaded: nothing is wrong with the request. */
export function isUnavailable(error: unknown): boolean {
  const state = sqlStateOf(error)
  if (state !== null) return away.test(state)
  return layers(error).some((layer) => {
    const code = textOf(layer, 'code') ?? textOf(layer, 'originalCode') ?? ''
    const kind = textOf(layer, 'kind') ?? ''
    return (
      awayInPrisma.has(code) ||
      awayInNode.has(code) ||
      /^(DatabaseNotReachable|ConnectionClosed|SocketTimeout|TooManyConnections)$/.test(kind) ||
      awayWords.test(textOf(layer, 'message') ?? '')
    )
  })
}

/** Runs a query; trouble with the database itself becomes `store_unavailable`. */
export async function guarded<T>(query: () => Promise<T>): Promise<T> {
  try {
    return await query()
  } catch (error) {
    if (error instanceof Problem || !isUnavailable(error)) throw error
    throw new Problem('store_unavailable', { cause: error })
  }
}

/** Like `guarded`, trying again when two transactions got in each other's way. */
export async function retried<T>(transaction: () => Promise<T>, attempts = 4): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await guarded(transaction)
    } catch (error) {
      if (attempt >= attempts || !isSerializationFailure(error)) throw error
    }
  }
}

function layers(error: unknown): object[] {
  const found: object[] = []
  const visit = (value: unknown) => {
    if (typeof value !== 'object' || value === null || found.includes(value) || found.length > 20) return
    found.push(value)
    for (const name of ['meta', 'driverAdapterError', 'cause']) visit(Reflect.get(value, name))
    const errors: unknown = Reflect.get(value, 'errors')
    if (Array.isArray(errors)) for (const one of errors) visit(one)
  }
  visit(error)
  return found
}

function textOf(value: object, name: string): string | undefined {
  const found: unknown = Reflect.get(value, name)
  return typeof found === 'string' ? found : undefined
}
