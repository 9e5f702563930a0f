import type { z } from 'zod'
import type { GovernanceView, lineInputSchema, ProtectionView } from '@crossfade/contracts/api/freezes'
import { percentOfShare, shareOfPercent } from '@crossfade/contracts/percent'
import { freezeAt } from '@crossfade/core/governance/freeze'
import type { Protection } from '@crossfade/core/governance/model'
import { raiseRefusal } from '@crossfade/core/ramp/refusals'
import type { Author } from '../store/author.ts'
import { findGovernance, saveLine, saveProtection, type Governance } from '../store/governance.ts'
import type { Db } from '../store/store.ts'
import type { ActParts } from './acts.ts'
import { found, refuseIf, refuseStale } from './refusals.ts'

export interface GovernanceActs {
  get(environmentId: string): Promise<GovernanceView>
  /** Without a version: stopping must not wait for anybody. What stands already is left alone. */
  setLine(
    author: Author,
    environmentId: string,
    input: z.output<typeof lineInputSchema>,
  ): Promise<GovernanceView>
  setProtection(
    author: Author,
    environmentId: string,
    ifVersion: number,
    input: ProtectionView,
  ): Promise<GovernanceView>
}

export function governanceActs({ store, clock }: ActParts): GovernanceActs {
  const find = async (db: Db, id: string) => found(await findGovernance(db, id), 'environment')
  const get = async (id: string) => governanceView(await store.read((db) => find(db, id)), clock.now())

  return {
    get,

    async setLine(author, environmentId, { stopped, reason }) {
      if (stopped && reason === '') refuseIf([{ path: 'reason', message: 'Say why' }], 'invalid_input')
      await get(environmentId)
      await store.change(author, environmentId, async (tx) => {
        const before = await find(tx.db, environmentId)
        if ((before.stopped !== null) === stopped) return
        const after = stopped ? { by: author.actor.name, at: tx.now, reason } : null
        await saveLine(tx.db, environmentId, after)
        tx.record({
          act: stopped ? 'environment.stop-line' : 'environment.start-line',
          object: objectOf(before),
          before: { stopped: before.stopped },
          after: { stopped: after },
          reason: reason === '' ? null : reason,
        })
      })
      return await get(environmentId)
    },

    async setProtection(author, environmentId, ifVersion, input) {
      await get(environmentId)
      await store.change(author, environmentId, async (tx) => {
        const before = await find(tx.db, environmentId)
        await refuseStale(tx.db, { id: environmentId, version: before.version }, ifVersion)
        await saveProtection(tx.db, before, protectionOf(input))
        tx.record({
          act: 'environment.protect',
          object: objectOf(before),
          before: { protection: protectionView(before.protection) },
          after: { protection: input },
        })
      })
      return await get(environmentId)
    },
  }
}

function objectOf({ environmentId, name }: Governance) {
  return { kind: 'environment', id: environmentId, name }
}

function governanceView({ environmentId, version, protection, stopped, freezes }: Governance, now: number) {
  const freeze = freezeAt(freezes, now)
  const refused = raiseRefusal({ freeze, stopTheLine: stopped })
  return {
    environmentId,
    version,
    protection: protectionView(protection),
    stopped: stopped && { ...stopped, at: new Date(stopped.at).toISOString() },
    freeze: freeze && {
      name: freeze.name,
      until: freeze.until === null ? null : new Date(freeze.until).toISOString(),
    },
    words: refused?.words ?? 'Raises are possible',
  }
}

const HOUR_MS = 3_600_000

function protectionOf({ abovePercent, stepPercent, expiresHours, ...same }: ProtectionView): Protection {
  return {
    ...same,
    above: abovePercent === null ? null : shareOfPercent(abovePercent),
    step: stepPercent === null ? null : shareOfPercent(stepPercent),
    expiresMs: expiresHours * HOUR_MS,
  }
}

function protectionView({ above, step, quorum, selfApproval, expiresMs }: Protection): ProtectionView {
  return {
    abovePercent: above === null ? null : percentOfShare(above),
    stepPercent: step === null ? null : percentOfShare(step),
    quorum,
    selfApproval,
    expiresHours: expiresMs / HOUR_MS,
  }
}
