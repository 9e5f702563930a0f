type Mutable<T> = T extends object ? { -readonly [K in keyof T]: Mutable<T[K]> } : T

/** A copy that its receiver may change; the contracts' types promise no more than that. */
export function ownCopy<T>(value: T): Mutable<T> {
  return structuredClone(value) as Mutable<T>
}
