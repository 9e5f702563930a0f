import type { KeyChain } from '@crossfade/contracts/snapshot'
import { trustedKeys } from '@crossfade/runtime/seal'

/** As `trustedKeys`; a chain with something in it that is no key vouches for nothing. */
export function trustedBy(keys: KeyChain, fingerprint: string): readonly string[] {
  try {
    return trustedKeys(keys, fingerprint)
  } catch {
    return []
  }
}
