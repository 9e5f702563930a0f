import type { z } from 'zod'
import type { rampCreateSchema, rampInputSchema, RampView } from '@crossfade/contracts/api/ramps'
import { Problem } from '@crossfade/contracts/problems'
import { planOf } from '@crossfade/contracts/ramp'
import { defaultGuardrails } from '@crossfade/core/guardrail/defaults'
import type { RampState } from '@crossfade/core/ramp/model'
import { freshRamp } from '@crossfade/core/ramp/state'
import { planFrom } from '@crossfade/core/ramp/templates'
import { same } from '@crossfade/core/same'
import type { Author } from '../store/author.ts'
import type { Page } from '../store/page.ts'
import {
  findRamp,
  insertRamp,
  listRamps,
  lockRamp,
  lockRampOf,
  NO_MEMORY,
  removeRamp,
  updateRamp,
  type RampDefinition,
  type RampMemory,
  type RampsFilter,
  type StoredRamp,
} from '../store/ramps.ts'
import type { ChangeTx, Db } from '../store/store.ts'
import type { ActParts } from './acts.ts'
import { raiseBlocks } from './raises.ts'
import { nextRaise } from './ramp-inputs.ts'
import { refuseUnsound } from './ramp-refusals.ts'
import { rampDefinitionView, rampView } from './ramp-views.ts'
import { found, refuseStale } from './refusals.ts'
import { holderOf, memberIds, type Holder } from './share-holder.ts'

type RampInput = z.output<typeof rampInputSchema>

export interface RampActs {
  list(query: RampsFilter): Promise<Page<RampView>>
  /** Not started. A mapping or group has one at most; a member's is its group's. */
  create(author: Author, input: z.output<typeof rampCreateSchema>): Promise<RampView>
  /** Not while it runs. A stage that changes under a paused ramp loses its ticks and its approval. */
  update(author: Author, id: string, ifVersion: number, input: RampInput): Promise<RampView>
  remove(author: Author, id: string, ifVersion: number): Promise<void>
}

export function rampActs({ store, clock }: ActParts): RampActs {
  const find = async (id: string) => found(await store.read((db) => findRamp(db, id)), 'ramp')

  return {
    list: (query) =>
      store.read(async (db) => {
        const page = await listRamps(db, query)
        const items: RampView[] = []
        for (const ramp of page.items) items.push(await viewOf(db, ramp, clock.now()))
        return { ...page, items }
      }),

    async create(author, { environmentId, target, ...input }) {
      const definition = definitionFrom(input)
      refuseUnsound(definition)
      const { value } = await store.change(author, environmentId, async (tx) => {
        const holder = await holderIn(tx.db, environmentId, target)
        const existing = await lockRampOf(tx.db, target)
        if (existing) throw rampExists(holder, existing)
        const state = freshRamp(holder.share, clock.now())
        const ramp = await insertRamp(tx.db, environmentId, target, definition, state)
        tx.record({
          act: 'ramp.create',
          object: objectOf(ramp, holder),
          before: null,
          after: rampDefinitionView(ramp),
          alsoTouches: [target.id, ...memberIds(holder)],
        })
        return await viewOf(tx.db, ramp, clock.now())
      })
      return value
    },

    async update(author, id, ifVersion, input) {
      const definition = definitionFrom(input)
      refuseUnsound(definition)
      const { environmentId } = await find(id)
      const { value } = await store.change(author, environmentId, async (tx) => {
        const before = found(await lockRamp(tx.db, id), 'ramp')
        await refuseStale(tx.db, before, ifVersion)
        refuseUnderWay(before)
        const holder = await holderOf(tx.db, before.target.kind, before.target.id)
        const run = {
          state: stateUnder(definition, before),
          memory: memoryUnder(definition, before),
        }
        const ramp = await updateRamp(tx.db, before, definition, run, new Date(clock.now()))
        tx.record({
          act: 'ramp.update',
          object: objectOf(ramp, holder),
          before: rampDefinitionView(before),
          after: rampDefinitionView(ramp),
          alsoTouches: [ramp.target.id, ...memberIds(holder)],
        })
        return await viewOf(tx.db, ramp, clock.now())
      })
      return value
    },

    async remove(author, id, ifVersion) {
      const { environmentId } = await find(id)
      await store.change(author, environmentId, async (tx) => {
        const ramp = found(await lockRamp(tx.db, id), 'ramp')
        await refuseStale(tx.db, ramp, ifVersion)
        refuseUnderWay(ramp)
        const holder = await holderOf(tx.db, ramp.target.kind, ramp.target.id)
        await removeRamp(tx.db, id, ifVersion)
        tx.record({
          act: 'ramp.delete',
          object: objectOf(ramp, holder),
          before: rampDefinitionView(ramp),
          after: null,
          alsoTouches: [ramp.target.id, ...memberIds(holder)],
        })
      })
    },
  }
}

export async function viewOf(db: Db, ramp: StoredRamp, now: number): Promise<RampView> {
  const holder = await holderOf(db, ramp.target.kind, ramp.target.id)
  const blocks = await raiseBlocks(db, ramp.environmentId, now, nextRaise(ramp, holder))
  return rampView(ramp, holder, blocks, now)
}

/** The target, which has to be in the environment that was named. */
export async function holderIn(
  db: Db,
  environmentId: string,
  { kind, id }: StoredRamp['target'],
): Promise<Holder> {
  const holder = await holderOf(db, kind, id).catch((error: unknown) => {
    if (error instanceof Problem && error.code === 'not_found') return null
    throw error
  })
  if (holder?.environmentId === environmentId) return holder
  const errors = [{ path: 'target.id', message: `There is no such ${kind} here` }]
  throw new Problem('invalid_reference', { detail: `There is no such ${kind} in this environment`, errors })
}

function definitionFrom(
  input: Pick<z.output<typeof rampCreateSchema>, 'template' | 'plan' | 'guardrails' | 'acceptance'>,
): RampDefinition {
  const { template, plan, guardrails = defaultGuardrails(), acceptance } = input
  if ((template === undefined) === (plan === undefined)) {
    const errors = [{ path: 'plan', message: 'Give a plan or the name of a template' }]
    throw new Problem('invalid_input', { detail: 'Give a plan or the name of a template', errors })
  }
  const copied = plan === undefined && template !== undefined ? planFrom(template) : null
  return { plan: copied ?? planOf(plan as NonNullable<typeof plan>), guardrails, acceptance }
}

/** Ticks and approvals were given for what the stage was. */
function stateUnder({ plan }: RampDefinition, { plan: was, state }: StoredRamp): RampState {
  if (same(plan, was)) return state
  return { ...state, version: state.version + 1, ticked: [], approval: null }
}

/** A guardrail that changed begins anew. */
function memoryUnder({ guardrails }: RampDefinition, before: StoredRamp): RampMemory {
  const unchanged = guardrails.filter((guardrail) => before.guardrails.some((one) => same(one, guardrail)))
  const isKept = (key: string) => unchanged.some(({ id }) => key.startsWith(`${id}/`))
  const kept = Object.entries(before.memory.guardrails).filter(([key]) => isKept(key))
  return { ...NO_MEMORY, ...before.memory, guardrails: Object.fromEntries(kept) }
}

/** A mapping's share becomes its group's, so a ramp of its own has nothing left to move. */
export async function refuseOwnRamp(
  db: Db,
  mapping: { readonly id: string; readonly name: string },
): Promise<void> {
  const ramp = await lockRampOf(db, { kind: 'mapping', id: mapping.id })
  if (ramp === null) return
  const detail = `${mapping.name} has a ramp of its own: delete it before it joins a group`
  throw new Problem('ramp_exists', { detail, extra: { rampId: ramp.id } })
}

/** What is deleted takes its ramp along, and the audit says so. */
export async function recordLostRamp(
  tx: ChangeTx,
  target: StoredRamp['target'] & { readonly name: string },
): Promise<void> {
  const ramp = await lockRampOf(tx.db, target)
  if (ramp === null) return
  tx.record({
    act: 'ramp.delete',
    object: { kind: 'ramp', id: ramp.id, name: target.name },
    before: rampDefinitionView(ramp),
    after: null,
    alsoTouches: [target.id],
  })
}

function refuseUnderWay({ state }: StoredRamp): void {
  if (state.status === 'running' || state.status === 'stepping-back') throw new Problem('ramp_under_way')
}

function rampExists({ name }: Holder, { id }: StoredRamp): Problem {
  return new Problem('ramp_exists', { detail: `${name} has a ramp already`, extra: { rampId: id } })
}

function objectOf({ id }: StoredRamp, { name }: Holder) {
  return { kind: 'ramp', id, name }
}
