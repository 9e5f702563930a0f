import { readCheckpoint } from '@crossfade/runtime/audit-checkpoint'
import type { KeyChain } from '@crossfade/contracts/snapshot'
import type { AuditVerification } from '@crossfade/contracts/api/changes'
import { Problem } from '@crossfade/contracts/problems'
import { auditPage, lastPrune } from '../store/audit-rows.ts'
import type { Store } from '../store/store.ts'
import type { AuditKeys } from './audit-keys.ts'
import { verifyTrail } from './verify.ts'
import type { Witnesses } from './witnesses.ts'

export interface Audit {
  /** Reads the whole trail. `checkpoints`: signed ends kept elsewhere, beside those that agents show. */
  verify(checkpoints: readonly string[]): Promise<AuditVerification>
}

export function createAudit(parts: {
  readonly store: Store
  readonly keys: AuditKeys
  readonly witnesses: Witnesses
  readonly publicKeys: KeyChain
}): Audit {
  const { store, keys, witnesses } = parts
  const publicKeys = parts.publicKeys.map(({ publicKey }) => publicKey)
  return {
    async verify(checkpoints) {
      const given = checkpoints.map((text, i) => {
        const checkpoint = readCheckpoint(text, publicKeys)
        if (checkpoint !== null) return checkpoint
        const errors = [{ path: `checkpoints.${i}`, message: 'None of our keys signed this checkpoint' }]
        throw new Problem('invalid_input', { errors })
      })
      const {
        finding,
        rows,
        first,
        last,
        witnesses: agreeing,
      } = await verifyTrail({
        pageAfter: (seq, size) => auditPage(store, seq, size),
        keys,
        witnesses: [...witnesses.all(), ...given],
        pruned: await store.read(lastPrune),
      })
      return { intact: finding === null, rows, first, last, witnesses: agreeing, finding }
    },
  }
}
