/** The list with the item at `at` one place up (-1) or down (1); unchanged at the ends. */
export function moved<T>(list: readonly T[], at: number, by: -1 | 1): T[] {
  const next = [...list]
  const item = next[at]
  const other = next[at + by]
  if (item === undefined || other === undefined) return next
  next[at] = other
  next[at + by] = item
  return next
}
