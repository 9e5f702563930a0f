import { BLOTTED, isSecretName } from '@crossfade/core/secrets'
import { parseJson } from '@crossfade/runtime/safe-json'

/** Settings whose values are names: of the cookie that forces a side. */
const namesOnly = 'forcedSide'

/** JSON with the values of secret-sounding names blotted out, at any depth. */
export function redact(value: unknown): unknown {
  return blotted(parseJson(JSON.stringify(value)), '')
}

function blotted(value: unknown, name: string): unknown {
  if (typeof value === 'string') return value !== '' && isSecretName(name) ? BLOTTED : value
  if (Array.isArray(value)) return value.map((item: unknown) => blotted(item, ''))
  if (typeof value !== 'object' || value === null || name === namesOnly) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, blotted(inner, key)]))
}
