import { auditKeys } from './audit-keys.ts'

export const testAuditKeys = auditKeys('a key for tests, of no other use')
