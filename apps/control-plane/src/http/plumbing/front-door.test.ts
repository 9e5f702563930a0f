import { describe, expect, it } from 'vitest'
import { isKnownHost } from './front-door.ts'

const known = (host: string | undefined, localAddress = '10.0.0.7') =>
  isKnownHost(
    { headers: host === undefined ? {} : { host }, socket: { localAddress } },
    'https://crossfade.example:8443',
  )

describe('the name a request was sent to', () => {
  it.each([
    ['our public name', 'crossfade.example:8443'],
    ['our public name behind a proxy', 'Crossfade.Example'],
    ['this machine', 'localhost:4400'],
    ['this machine by number', '127.0.0.1:4400'],
    ['this machine by its other number', '[::1]:4400'],
    ['the address it came to', '10.0.0.7:4400'],
  ])('is ours when it is %s', (_what, host) => {
    expect(known(host)).toBe(true)
  })

  it.each([
    ['none', undefined],
    ['empty', ''],
    ['a name that was made to point at us', 'evil.example:4400'],
    ['our name as a prefix', 'crossfade.example.evil.example'],
    ['our name as a suffix', 'notcrossfade.example'],
    ['a name of this machine as a prefix', 'localhost.evil.example'],
    ['a number as a prefix', '127.0.0.1.evil.example'],
    ['hidden behind a user name', 'localhost@evil.example'],
    ['another address', '10.0.0.8:4400'],
    ['two names', 'localhost, evil.example'],
  ])('is not ours when it is %s', (_what, host) => {
    expect(known(host)).toBe(false)
  })

  it('is read the same when the address arrives mapped into IPv6', () => {
    expect(known('10.0.0.7', '::ffff:10.0.0.7')).toBe(true)
    expect(known('[2001:db8::7]:4400', '2001:db8::7')).toBe(true)
  })
})
