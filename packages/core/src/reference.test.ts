import { decideCases } from './decide.cases.ts'
import { referenceDecide } from './reference.ts'

decideCases(referenceDecide)
