export interface Semver {
  readonly numbers: readonly [number, number, number]
  /** Pre-release identifiers; empty for a release. */
  readonly pre: readonly string[]
}

/** Reads a version (semver.org 2.0.0); `v1.2` and `1` are read as `1.2.0` and `1.0.0`. */
export function parseSemver(text: string): Semver | null {
  const found =
    /^v?(\d{1,9})(?:\.(\d{1,9}))?(?:\.(\d{1,9}))?(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?$/.exec(text)
  if (!found) return null
  const [, major, minor, patch, pre] = found
  return {
    numbers: [Number(major), Number(minor ?? 0), Number(patch ?? 0)],
    pre: pre === undefined ? [] : pre.split('.'),
  }
}

/** Precedence of semver.org item 11: below 0 when `a` is older. */
export function compareSemver(a: Semver, b: Semver): number {
  for (const i of [0, 1, 2] as const) if (a.numbers[i] !== b.numbers[i]) return a.numbers[i] - b.numbers[i]
  // A pre-release is older than its release.
  if (a.pre.length === 0 || b.pre.length === 0) return b.pre.length - a.pre.length
  for (const [i, left] of a.pre.entries()) {
    const right = b.pre[i]
    if (right === undefined) return 1
    const order = compareIdentifier(left, right)
    if (order !== 0) return order
  }
  return a.pre.length - b.pre.length
}

function compareIdentifier(a: string, b: string): number {
  const numeric = [/^\d+$/.test(a), /^\d+$/.test(b)] as const
  if (numeric[0] && numeric[1]) return Number(a) - Number(b)
  if (numeric[0] !== numeric[1]) return numeric[0] ? -1 : 1
  if (a === b) return 0
  return a < b ? -1 : 1
}
