import { networkInterfaces } from 'node:os'

/** Every address of this machine, without zones. */
export function localAddresses(): readonly string[] {
  return Object.values(networkInterfaces()).flatMap((interfaces) =>
    (interfaces ?? []).map(({ address }) => address.replace(/%.*$/, '')),
  )
}
