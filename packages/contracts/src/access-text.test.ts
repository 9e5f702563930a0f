import { expect, it } from 'vitest'
import { accessText } from './access-text.ts'

it('what somebody may do reads as a sentence would say it', () => {
  const staging = { environmentId: 'e1', role: 'admin' } as const
  expect(accessText({ everywhere: 'viewer', environments: [] })).toBe('viewer everywhere')
  expect(accessText({ everywhere: 'viewer', environments: [staging] }, () => 'staging')).toBe(
    'viewer everywhere, admin in staging',
  )
  expect(accessText({ everywhere: null, environments: [staging] })).toBe('admin in e1')
  expect(accessText({ everywhere: null, environments: [] })).toBe('no rights')
})
