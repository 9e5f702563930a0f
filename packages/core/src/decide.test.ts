import { decide } from './decide.ts'
import { decideCases } from './decide.cases.ts'
import { compileSnapshot, withOverlays } from './routing-table.ts'

decideCases((snapshot, facts, overlays = []) =>
  decide(withOverlays(compileSnapshot(snapshot), overlays), facts),
)
