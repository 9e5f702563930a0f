import type { z } from 'zod'
import type { environmentInputSchema, EnvironmentView } from '@crossfade/contracts/api/environments'
import { Problem, type FieldError } from '@crossfade/contracts/problems'
import type { AddressPolicy } from '@crossfade/core/address-policy'
import { problemsOfTrustedHops } from '@crossfade/core/validate'
import type { Author } from '../store/author.ts'
import { environmentDefaults } from '../store/default-environment.ts'
import { environmentOf, type EnvironmentRow, type EnvironmentSettings } from '../store/entities.ts'
import {
  contentsOf,
  countEnvironments,
  findEnvironment,
  insertEnvironment,
  listEnvironments,
  removeEnvironment,
  updateEnvironment,
} from '../store/environments.ts'
import { checkedMappings } from '../store/mappings.ts'
import type { ListQuery, Page } from '../store/page.ts'
import { knownSegments } from '../store/segments.ts'
import { knownServices } from '../store/services.ts'
import type { Db } from '../store/store.ts'
import type { ActParts } from './acts.ts'
import { refuseUnsoundAuth } from './auth-checks.ts'
import { found, refuseIf, refuseStale, refusingTakenNames } from './refusals.ts'
import { environmentView } from './views.ts'

/** Fields that are left out stay as they are, or take the defaults. */
type EnvironmentInput = z.output<typeof environmentInputSchema>

export interface EnvironmentActs {
  list(query: ListQuery): Promise<Page<EnvironmentView>>
  get(id: string): Promise<EnvironmentView>
  create(author: Author, input: EnvironmentInput): Promise<EnvironmentView>
  update(author: Author, id: string, ifVersion: number, input: EnvironmentInput): Promise<EnvironmentView>
  /** Refused while something is in it, and for the last one. */
  remove(author: Author, id: string, ifVersion: number): Promise<void>
}

export function environmentActs({ store, clock, random, addresses }: ActParts): EnvironmentActs {
  const find = async (id: string) => found(await store.read((db) => findEnvironment(db, id)), 'environment')
  const newId = (bytes: number) => Buffer.from(random(bytes)).toString('hex')

  return {
    async list(query) {
      const page = await store.read((db) => listEnvironments(db, query))
      return { ...page, items: page.items.map(environmentView) }
    },

    get: async (id) => environmentView(await find(id)),

    async create(author, { name, ...given }) {
      const settings = settingsOf(given, { ...environmentDefaults })
      const row = { id: newId(12), name, epoch: newId(16) }
      await store.change(author, null, async (tx) => {
        await refuseUnsound(tx.db, row.id, settings, addresses)
        const made = await refusingTakenNames(name, insertEnvironment(tx.db, row, settings))
        const revision = await tx.revise(row.id)
        const after = environmentView({ ...made, revision })
        tx.record({ act: 'environment.create', object: objectOf(made), before: null, after })
      })
      return environmentView(await find(row.id))
    },

    async update(author, id, ifVersion, { name, ...given }) {
      await find(id)
      const { value } = await store.change(author, id, async (tx) => {
        const before = found(await findEnvironment(tx.db, id), 'environment')
        await refuseStale(tx.db, before, ifVersion)
        const { id: _id, name: _name, ...current } = environmentOf(before)
        const settings = settingsOf(given, current)
        await refuseUnsound(tx.db, id, settings, addresses)
        const written = updateEnvironment(tx.db, id, ifVersion, name, settings)
        const row = await refusingTakenNames(name, written)
        const after = environmentView({ ...row, revision: await tx.revise() })
        tx.record({
          act: 'environment.update',
          object: objectOf(row),
          before: environmentView(before),
          after,
        })
        return after
      })
      return value
    },

    async remove(author, id, ifVersion) {
      await find(id)
      await store.change(author, id, async (tx) => {
        const row = found(await findEnvironment(tx.db, id), 'environment')
        await refuseStale(tx.db, row, ifVersion)
        refuseInUse(row, await contentsOf(tx.db, id))
        if ((await countEnvironments(tx.db)) === 1) {
          throw new Problem('in_use', { detail: 'One environment always stays' })
        }
        await removeEnvironment(tx.db, id, ifVersion, new Date(clock.now()))
        const before = environmentView(row)
        tx.record({ act: 'environment.delete', object: objectOf(row), before, after: null })
      })
    },
  }
}

function objectOf(row: { readonly id: string; readonly name: string }) {
  return { kind: 'environment', id: row.id, name: row.name }
}

function settingsOf(given: Omit<EnvironmentInput, 'name'>, base: EnvironmentSettings): EnvironmentSettings {
  return {
    defaults: given.defaults ?? base.defaults,
    paths: given.paths ?? base.paths,
    trustedHops: given.trustedHops ?? base.trustedHops,
    sendForwarded: given.sendForwarded ?? base.sendForwarded,
    forcedSide: given.forcedSide ?? base.forcedSide,
    callers: given.callers ?? base.callers,
    clientDimension: given.clientDimension === undefined ? base.clientDimension : given.clientDimension,
    auth: authOf(given.auth ?? {}, base.auth),
  }
}

function authOf(
  given: NonNullable<EnvironmentInput['auth']>,
  base: EnvironmentSettings['auth'],
): EnvironmentSettings['auth'] {
  return {
    issuers: given.issuers ?? base.issuers,
    apiKeys: base.apiKeys,
    apiKeyHeader: given.apiKeyHeader ?? base.apiKeyHeader,
    mapped: given.mapped ?? base.mapped,
    unmapped: given.unmapped ?? base.unmapped,
    preflight: given.preflight ?? base.preflight,
  }
}

async function refuseUnsound(
  db: Db,
  id: string,
  settings: EnvironmentSettings,
  addresses: AddressPolicy,
): Promise<void> {
  refuseIf([...problemsOfTrustedHops(settings), ...twice(settings)], 'invalid_input')
  refuseUnsoundAuth(settings.auth, await checkedMappings(db, id), addresses)
  const serviceIds = settings.defaults.map((one) => one.serviceId)
  const services = await knownServices(db, id, serviceIds)
  const errors: FieldError[] = serviceIds.flatMap((serviceId, i) =>
    services.has(serviceId)
      ? []
      : [
          {
            path: `defaults.${i}.serviceId`,
            message: `There is no service ${serviceId} in this environment`,
          },
        ],
  )
  const { segmentId } = settings.callers
  if (segmentId !== null && !(await knownSegments(db, id, [segmentId])).has(segmentId)) {
    errors.push({
      path: 'callers.segmentId',
      message: `There is no segment ${segmentId} in this environment`,
    })
  }
  refuseIf(errors, 'invalid_reference')
}

function twice({ defaults }: EnvironmentSettings): FieldError[] {
  const hosts = defaults.map((one) => one.host)
  return hosts.flatMap((host, i) =>
    hosts.indexOf(host) === i
      ? []
      : [{ path: `defaults.${i}.host`, message: 'This host has a default service already' }],
  )
}

function refuseInUse(row: EnvironmentRow, contents: Awaited<ReturnType<typeof contentsOf>>): void {
  const { mappings, groups, services, segments, agents } = contents
  const counts = { mappings: mappings.length, groups, services, segments, agents }
  const left = Object.entries(counts).filter(([, count]) => count > 0)
  if (left.length === 0) return
  throw new Problem('in_use', {
    detail: `${row.name} still has ${left.map(([noun]) => noun).join(', ')}`,
    extra: { mappings, groups, services, segments, agents },
  })
}
