import type { Identity } from '@crossfade/core/model'

/** `by cookie session`: what keeps the same someone on the same side. */
export function identityText(identity: Identity): string {
  switch (identity.kind) {
    case 'request':
      return 'each request by itself'
    case 'client-ip':
      return 'by client address'
    case 'query':
      return `by query parameter ${identity.name}`
    case 'claim':
      return `by token claim ${identity.name}`
    case 'header':
    case 'cookie':
      return `by ${identity.kind} ${identity.name}`
  }
}
