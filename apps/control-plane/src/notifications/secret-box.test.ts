import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import { auditKeys } from '../audit/audit-keys.ts'
import { secretBox } from './secret-box.ts'

const key = 'the first key, of no other use'

it('a sealed secret opens only where it was put, unaltered, and with its key', () => {
  const box = secretBox(auditKeys(key), randomBytes)
  const sealed = box.seal('https://hooks.example.com/ü', 'webhook-1')
  expect(box.open(sealed, 'webhook-1')).toBe('https://hooks.example.com/ü')
  expect(box.open(sealed, 'webhook-2')).toBeNull()
  expect(
    secretBox(auditKeys('another key, of no other use'), randomBytes).open(sealed, 'webhook-1'),
  ).toBeNull()
  const [id = '', body = ''] = sealed.split('.')
  const bytes = Buffer.from(body, 'base64url')
  for (const at of bytes.keys()) {
    const altered = Buffer.from(bytes)
    altered[at] = (altered[at] ?? 0) ^ 1
    expect(box.open(`${id}.${altered.toString('base64url')}`, 'webhook-1')).toBeNull()
  }
  for (const broken of ['', '.', id, `${id}.`, `${id}.AAAA`]) expect(box.open(broken, 'webhook-1')).toBeNull()
})

it('a sealed secret is sealed anew each time, and opened by the key before', () => {
  const old = secretBox(auditKeys(key), randomBytes)
  const [first, second] = [old.seal('same', 'w'), old.seal('same', 'w')]
  expect(first).not.toBe(second)
  const renewed = secretBox(auditKeys('the second key, of no other use', [key]), randomBytes)
  expect(renewed.open(first, 'w')).toBe('same')
  expect(renewed.seal('same', 'w').split('.')[0]).not.toBe(first.split('.')[0])
})
