import type { Decide } from './cases-kit.ts'
import { matchingCases } from './matching.cases.ts'
import { precedenceCases } from './precedence.cases.ts'
import { sideCases } from './side.cases.ts'

/** What rules 1-10 say, as cases that every way to decide must pass. */
export function decideCases(decide: Decide): void {
  matchingCases(decide)
  precedenceCases(decide)
  sideCases(decide)
}
