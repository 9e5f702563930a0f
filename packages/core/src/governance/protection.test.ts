import { expect, it } from 'vitest'
import { defaultProtection, isProtected, needsApproval } from './protection.ts'

const size = { name: 'books', to: 2_500, by: 1_500 }

it.each([
  ['nothing is asked for', {}, null],
  ['it ends at the limit', { above: 2_500 }, null],
  ['it ends above the limit', { above: 2_499 }, 'books goes to 25 %, and above 24.99 % people have to agree'],
  ['it is as big as a step may be', { step: 1_500 }, null],
  [
    'it is bigger than a step may be',
    { step: 1_000 },
    'books rises by 15 % within 24 hours, and beyond 10 % people have to agree',
  ],
])('a raise is judged when %s', (_when, protection, words) => {
  expect(needsApproval({ ...defaultProtection, ...protection }, size)).toBe(words)
})

it('an environment is protected once it has a limit, also one of 0 %', () => {
  expect(isProtected(defaultProtection)).toBe(false)
  expect(isProtected({ ...defaultProtection, above: 0 })).toBe(true)
  expect(isProtected({ ...defaultProtection, step: 0 })).toBe(true)
})
