import { X509Certificate } from 'node:crypto'
import type { z } from 'zod'
import type { serviceCreateSchema, serviceInputSchema, ServiceView } from '@crossfade/contracts/api/services'
import { Problem } from '@crossfade/contracts/problems'
import { problemsOfInstances } from '@crossfade/core/validate'
import type { ServiceTls } from '@crossfade/core/model'
import type { Author } from '../store/author.ts'
import type { ListQuery, Page } from '../store/page.ts'
import {
  findService,
  insertService,
  listServices,
  removeService,
  updateService,
  usersOfService,
} from '../store/services.ts'
import { serviceOf, type ServiceRow } from '../store/entities.ts'
import type { ChangeTx } from '../store/store.ts'
import type { ActParts } from './acts.ts'
import { found, refuseIf, refuseStale, refusingTakenNames } from './refusals.ts'
import { serviceView } from './views.ts'

type ServiceInput = z.output<typeof serviceInputSchema>

export interface ServiceActs {
  list(query: ListQuery): Promise<Page<ServiceView>>
  get(id: string): Promise<ServiceView>
  create(author: Author, input: z.output<typeof serviceCreateSchema>): Promise<ServiceView>
  update(author: Author, id: string, ifVersion: number, input: ServiceInput): Promise<ServiceView>
  /** Refused while a mapping or a default uses it. */
  remove(author: Author, id: string, ifVersion: number): Promise<void>
}

export function serviceActs({ store, addresses }: ActParts): ServiceActs {
  const find = async (id: string) => found(await store.read((db) => findService(db, id)), 'service')

  return {
    async list(query) {
      const page = await store.read((db) => listServices(db, query))
      return { ...page, items: page.items.map(serviceView) }
    },

    get: async (id) => serviceView(await find(id)),

    async create(author, { environmentId, name, ...spec }) {
      refuseIf(problemsOfInstances(spec.instances, addresses), 'invalid_address')
      refuseIf(problemsOfAuthorities(spec.tls), 'invalid_input')
      const { value } = await store.change(author, environmentId, async (tx) => {
        const row = await refusingTakenNames(name, insertService(tx.db, environmentId, name, spec))
        await tx.revise()
        tx.record({ act: 'service.create', object: objectOf(row), before: null, after: serviceView(row) })
        recordTrust(tx, null, row)
        return row
      })
      return serviceView(value)
    },

    async update(author, id, ifVersion, { name, ...spec }) {
      refuseIf(problemsOfInstances(spec.instances, addresses), 'invalid_address')
      refuseIf(problemsOfAuthorities(spec.tls), 'invalid_input')
      const { environmentId } = await find(id)
      const { value } = await store.change(author, environmentId, async (tx) => {
        const before = found(await findService(tx.db, id), 'service')
        await refuseStale(tx.db, before, ifVersion)
        const row = await refusingTakenNames(name, updateService(tx.db, id, ifVersion, name, spec))
        await tx.revise()
        const views = { before: serviceView(before), after: serviceView(row) }
        tx.record({ act: 'service.update', object: objectOf(row), ...views })
        recordTrust(tx, before, row)
        return row
      })
      return serviceView(value)
    },

    async remove(author, id, ifVersion) {
      const { environmentId } = await find(id)
      await store.change(author, environmentId, async (tx) => {
        const row = found(await findService(tx.db, id), 'service')
        await refuseStale(tx.db, row, ifVersion)
        refuseInUse(row, await usersOfService(tx.db, row))
        await removeService(tx.db, id, ifVersion)
        await tx.revise()
        tx.record({ act: 'service.delete', object: objectOf(row), before: serviceView(row), after: null })
      })
    },
  }
}

function objectOf(row: ServiceRow) {
  return { kind: 'service', id: row.id, name: row.name }
}

/** Believing any certificate is a change of its own, so that nobody overlooks it among others (rule 30). */
function recordTrust(tx: ChangeTx, before: ServiceRow | null, after: ServiceRow): void {
  const was = before === null || serviceOf(before).tls.verify
  const is = serviceOf(after).tls.verify
  if (was === is) return
  const act = is ? 'service.verify' : 'service.stop-verifying'
  tx.record({ act, object: objectOf(after), before: { verify: was }, after: { verify: is } })
}

/** What only decoding tells; the contract has seen that it is PEM. */
function problemsOfAuthorities({ ca }: ServiceTls) {
  const texts = ca?.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
  if (!texts.some(isBroken)) return []
  return [{ path: 'tls.ca', message: 'One of these certificates is broken' }]
}

function isBroken(pem: string): boolean {
  try {
    return new X509Certificate(pem).subject === null
  } catch {
    return true
  }
}

function refuseInUse(row: ServiceRow, users: Awaited<ReturnType<typeof usersOfService>>): void {
  const { mappings, defaultOf } = users
  if (mappings.length === 0 && defaultOf.length === 0) return
  const names = mappings.map((mapping) => mapping.name)
  if (defaultOf.length > 0) names.push('the default services of the environment')
  throw new Problem('in_use', {
    detail: `${row.name} is used by ${names.join(', ')}`,
    extra: { mappings, defaultOf },
  })
}
