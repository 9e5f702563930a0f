import { describe, expect, it } from 'vitest'
import { environmentInputSchema, environmentViewSchema } from '@crossfade/contracts/api/environments'
import { draftOfEnvironment, environmentFieldOf, inputOfEnvironment } from './environment-draft.ts'
import { digestOfKey, newKey } from './key-digest.ts'

describe('editing an environment', () => {
  it('sends what is stored when nothing is edited', () => {
    const sent = environmentInputSchema.parse(inputOfEnvironment(draftOfEnvironment(stored)))
    expect(stored).toMatchObject(sent)
  })

  it('switches ways to force a side off with empty names', () => {
    const draft = { ...draftOfEnvironment(stored), forcedHeader: ' ', forcedCookie: '' }
    expect(inputOfEnvironment(draft).forcedSide).toEqual({ header: null, cookie: null })
  })

  it('puts the error of a host default on its line, whether or not there is a default for all', () => {
    const draft = draftOfEnvironment(stored)
    expect(environmentFieldOf('defaults.1.host', draft)).toBe('hostDefaults.0.host')
    expect(environmentFieldOf('defaults.0.serviceId', draft)).toBe('defaultServiceId')
    expect(environmentFieldOf('defaults.0.host', { ...draft, defaultServiceId: '' })).toBe(
      'hostDefaults.0.host',
    )
    expect(environmentFieldOf('trustedHops.3', draft)).toBe('trustedHops')
  })
})

describe('caller keys', () => {
  it('become the SHA-256 every agent computes', async () => {
    expect(await digestOfKey('abc', crypto.subtle)).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    )
  })

  it('are refused where the browser cannot digest, instead of being sent', async () => {
    await expect(digestOfKey('abc', undefined)).rejects.toThrow('https')
  })

  it('are made of 32 bytes in URL-safe letters', () => {
    expect(newKey((bytes) => bytes.fill(255))).toBe('__________________________________________8')
  })
})

const stored = environmentViewSchema.parse({
  id: 'default',
  name: 'Default',
  version: 1,
  epoch: 'e',
  revision: 7,
  createdAt: '2026-01-01T00:00:00Z',
  updatedAt: '2026-01-01T00:00:00Z',
  defaults: [
    { host: null, serviceId: 's1' },
    { host: '*.example.com', serviceId: 's2' },
  ],
  paths: { encodedSlash: 'keep', ambiguous: 'refuse' },
  trustedHops: ['10.0.0.0/8'],
  sendForwarded: true,
  forcedSide: { header: 'x-side', cookie: null },
  callers: { keyDigests: ['a'.repeat(64)], segmentId: null },
  clientDimension: null,
})
