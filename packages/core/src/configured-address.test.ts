import { describe, expect, it } from 'vitest'
import { anyNetwork, type AddressPolicy } from './address-policy.ts'
import { problemOfUrl } from './configured-address.ts'

const policy = (...networks: string[]): AddressPolicy => ({ networks, doors: [] })
const everywhere = policy('public', 'private', 'loopback')

describe('the address of a service', () => {
  it.each([
    'http://10.0.0.7:8080',
    'https://books.internal',
    'http://localhost:3000',
    'http://127.0.0.1:3000',
    'HTTP://Books.Internal:80',
    'http://books_v2.svc.cluster.local.',
    'http://[2001:db8::7]:8080',
    'http://[2001:DB8::7]',
    'http://[fd12::1]',
    'http://[::1]:8080',
    'http://[::ffff:10.0.0.7]:8080',
    'http://xn--bcher-kva.example',
    'http://0x.example',
  ])('%s is fine', (url) => {
    expect(problemOfUrl(url, 'service', everywhere)).toBeNull()
    expect(problemOfUrl(url, 'service', anyNetwork)).toBeNull()
  })

  it.each([
    ['file:///etc/passwd', /Only http and https/],
    ['ftp://books', /Only http and https/],
    ['gopher://books', /Only http and https/],
    ['nats://books', /Only http and https/],
    ['javascript:alert(1)', /address such as/],
    ['books:8080', /address such as/],
    ['//books', /address such as/],
    ['http:books', /address such as/],
    ['http:/books', /address such as/],
    ['http:\\\\books', /backslashes/],
    ['', /address such as/],
    ['http://', /Give a host/],
    ['http://:8080', /Give a host/],
    ['http://.', /not a host name/],
    ['http://user:secret@books', /user name and password/],
    ['http://books@evil.test', /user name and password/],
    ['http://@books', /user name and password/],
    ['http://books/api', /path/],
    ['http://books/', /path/],
    ['http://books?x=1', /query/],
    ['http://books#@10.0.0.1', /user name|fragment/],
    ['http://books/#x', /fragment/],
    ['http://books:0', /port/],
    ['http://books:65536', /port/],
    ['http://books:80:80', /host, and a port/],
    ['http://books:8o', /host, and a port/],
    ['http://[::1', /host, and a port/],
    ['http://[::1]x', /host, and a port/],
    ['http://bo oks', /blanks/],
    ['http://books\u0000', /control characters/],
    ['http://books\r\nX: y', /control characters/],
    ['ht\ntp://books', /control characters/],
    ['http://bo\toks', /control characters/],
    ['http://books\u0085', /control characters/],
    ['http://books\u2028', /control characters/],
    ['http://books\\x', /backslashes/],
    ['http://-books', /not a host name/],
    ['http://bo..oks', /not a host name/],
    ['http://books..', /not a host name/],
    [`http://${'a'.repeat(64)}`, /not a host name/],
    ['http://b\u00fccher.example', /not a host name/],
    ['http://b%6foks', /not a host name/],
    ['http://bo\u00adoks', /not a host name/],
  ])('%s is refused', (url, message) => {
    expect(problemOfUrl(url, 'service', everywhere)).toMatch(message)
  })

  it('is refused without being repeated', () => {
    expect(problemOfUrl('http://user:hunter2@books', 'service', everywhere)).not.toContain('hunter2')
  })
})

describe('SSRF-01: an address that a resolver would read as another', () => {
  it.each([
    '2852039166',
    '0xA9FEA9FE',
    '0xa9.0xfe.0xa9.0xfe',
    '0251.0376.0251.0376',
    '0251.254.169.254',
    '169.254.43518',
    '169.16689662',
    '169.254.169.254.',
    '127.0.0.1.',
    '127.0.0.1..',
    '127.1',
    '127.0x1',
    '0x7f.1',
    '0',
    '017700000001',
    '00127.0.0.1',
    '256.256.256.256',
    '1.2.3.4.5',
    '0x',
    'books.0x',
    '\uff11\uff16\uff19.254.169.254',
    '169\u3002254\u3002169\u3002254',
    '169\uff0e254\uff0e169\uff0e254',
    '\u2460\u2461\u2466.0.0.1',
    '%31%36%39.254.169.254',
    '[fe80::1%25eth0]',
    '[fe80::1%eth0]',
    '[v1.fe80::1]',
    '[127.0.0.1]',
    '[::ffff:127.1]',
    '[::ffff:0251.0376.0251.0376]',
  ])('%s is refused', (host) => {
    for (const form of [`http://${host}`, `http://${host}:8080`]) {
      expect(problemOfUrl(form, 'service', everywhere)).toMatch(/usual form|not a host name/)
    }
  })

  it.each([
    '169.254.169.254',
    '[::ffff:169.254.169.254]',
    '[::ffff:a9fe:a9fe]',
    '[0:0:0:0:0:FFFF:A9FE:A9FE]',
  ])('so is %s, mapped or not', (host) =>
    expect(problemOfUrl(`http://${host}`, 'service', everywhere)).toMatch(/Link-local/),
  )
})

describe('SSRF-02: an address that leads where nobody may go', () => {
  it.each([
    ['[64:ff9b::a9fe:a9fe]', /translated/],
    ['[64:ff9b::169.254.169.254]', /translated/],
    ['[64:ff9b:1::10.0.0.1]', /translated/],
    ['[64:ff9b:1:ffff::1]', /translated/],
    ['[2002:a9fe:a9fe::1]', /translated/],
    ['[2001:0:a9fe:a9fe::1]', /translated/],
    ['[::169.254.169.254]', /translated/],
    ['[::7f00:1]', /translated/],
    ['[::2]', /translated/],
    ['[::ffff:0:169.254.169.254]', /translated/],
    ['[fd00:ec2::254]', /metadata/],
    ['[fd20:ce::254]', /metadata/],
    ['100.100.100.200', /metadata/],
    ['168.63.129.16', /metadata/],
    ['metadata.google.internal', /metadata/],
    ['METADATA.google.internal.', /metadata/],
    ['instance-data', /metadata/],
    ['[fe80::1]', /Link-local/],
    ['[febf::1]', /Link-local/],
    ['[fec0::1]', /Site-local/],
    ['169.254.0.1', /Link-local/],
    ['[::]', /no host/],
    ['0.0.0.0', /no host/],
    ['0.1.2.3', /no host/],
    ['[::ffff:0.0.0.0]', /no host/],
    ['224.0.0.1', /Multicast/],
    ['[ff02::1]', /Multicast/],
    ['255.255.255.255', /Broadcast|Multicast/],
  ])('%s is refused, also where every network is named', (host, message) => {
    for (const all of [everywhere, policy('0.0.0.0/0', '::/0'), anyNetwork]) {
      expect(problemOfUrl(`http://${host}`, 'service', all)).toMatch(message)
    }
  })
})

describe('SSRF-04: the address of our own parts', () => {
  const doors = [
    { host: '127.0.0.1', port: 4400 },
    { host: 'Control.example', port: 443 },
    { host: '0.0.0.0', port: 9901 },
    { host: '10.1.2.3', port: 9901 },
    { host: 'fd00::5', port: 8222 },
  ]
  it.each([
    'http://127.0.0.1:4400',
    'http://127.8.8.8:4400',
    'http://[::1]:4400',
    'http://[::ffff:127.0.0.1]:4400',
    'http://localhost:4400',
    'http://LOCALHOST.:4400',
    'http://books.localhost:4400',
    'https://control.example',
    'https://CONTROL.example.:443',
    'http://127.0.0.1:9901',
    'http://10.1.2.3:9901',
    'http://[::ffff:10.1.2.3]:9901',
    'http://[FD00:0::5]:8222',
    'http://127.0.0.1:5432',
    'http://[::1]:4222',
    'http://localhost:5432',
  ])('%s is refused, whatever networks are allowed', (url) => {
    for (const networks of [['public', 'private', 'loopback'], ['0.0.0.0/0', '::/0'], null]) {
      expect(problemOfUrl(url, 'service', { networks, doors })).toMatch(/Crossfade itself/)
    }
  })

  it.each([
    'http://127.0.0.1:4401',
    'http://control.example',
    'http://10.1.2.4:9901',
    'http://10.1.2.3:5432',
  ])('%s is not one of them', (url) => {
    expect(problemOfUrl(url, 'service', { ...everywhere, doors })).toBeNull()
  })
})

describe('networks', () => {
  it.each([
    ['public', 'http://93.184.215.14', true],
    ['public', 'http://[2606:2800::1]', true],
    ['public', 'http://books.example', true],
    ['public', 'http://10.0.0.7', false],
    ['public', 'http://100.64.0.1', false],
    ['public', 'http://[fd12::1]', false],
    ['public', 'http://127.0.0.1', false],
    ['public', 'http://240.0.0.1', false],
    ['private', 'http://10.255.0.1', true],
    ['private', 'http://172.31.0.1', true],
    ['private', 'http://172.32.0.1', false],
    ['private', 'http://192.168.1.1', true],
    ['private', 'http://[::ffff:192.168.1.1]', true],
    ['private', 'http://[fd12::1]', true],
    ['private', 'http://127.0.0.1', false],
    ['private', 'http://[::1]', false],
    ['private', 'http://localhost', false],
    ['private', 'http://books.localhost.', false],
    ['private', 'http://ip6-localhost', false],
    ['loopback', 'http://127.0.0.1', true],
    ['loopback', 'http://[::1]', true],
    ['loopback', 'http://localhost', true],
    ['loopback', 'http://10.0.0.7', false],
    ['127.0.0.0/8', 'http://127.0.0.1', true],
    ['127.0.0.0/8', 'http://localhost', true],
    ['127.0.0.0/8', 'http://[::1]', false],
    ['10.1.0.0/16', 'http://10.1.2.3', true],
    ['10.1.0.0/16', 'http://10.2.2.3', false],
    ['10.1.2.3', 'http://10.1.2.3', true],
    ['240.0.0.0/4', 'http://240.0.0.1', true],
    ['fd12::/16', 'http://[fd12::1]', true],
  ])('%s with %s: %s', (network, url, allowed) => {
    const problem = problemOfUrl(url, 'service', policy(network))
    expect(problem?.includes('CROSSFADE_ALLOW_NETWORKS') ?? null).toBe(allowed ? null : true)
  })
})

describe('an address by its purpose', () => {
  it.each([
    ['webhook', 'https://chat.example/hooks/7?thread=1'],
    ['webhook', 'http://10.0.0.7/hooks'],
    ['jwks', 'https://login.example/.well-known/jwks.json'],
    ['jwks', 'http://127.0.0.1:8080/jwks'],
    ['jwks', 'http://localhost:8080/jwks'],
    ['nats', 'nats://nats.internal'],
    ['nats', 'tls://10.0.0.7:4222'],
    ['nats', 'wss://nats.example'],
  ] as const)('%s may be %s', (purpose, url) => {
    expect(problemOfUrl(url, purpose, everywhere)).toBeNull()
  })

  it.each([
    ['webhook', 'nats://chat.example', /Only http and https/],
    ['webhook', 'https://user:x@chat.example/hooks', /user name/],
    ['webhook', 'https://169.254.169.254/latest/meta-data', /Link-local/],
    ['webhook', 'https://chat.example/a b', /blanks/],
    ['webhook', 'https://chat.example/#x', /fragment/],
    ['jwks', 'http://login.example/jwks', /https/],
    ['jwks', 'http://10.0.0.7/jwks', /https/],
    ['jwks', 'https://0x7f.1/jwks', /usual form/],
    ['nats', 'http://nats.internal', /Only nats and tls/],
    ['nats', 'nats://user:x@nats.internal', /user name/],
    ['nats', 'nats://nats.internal/x', /path/],
  ] as const)('%s may not be %s', (purpose, url, message) => {
    expect(problemOfUrl(url, purpose, everywhere)).toMatch(message)
  })

  it('is refused outside the networks, whatever it is for', () => {
    for (const [purpose, url] of [
      ['webhook', 'https://10.0.0.7/hooks'],
      ['jwks', 'https://10.0.0.7/jwks'],
      ['nats', 'nats://10.0.0.7'],
    ] as const) {
      expect(problemOfUrl(url, purpose, policy('public'))).toMatch(/CROSSFADE_ALLOW_NETWORKS/)
    }
  })
})
