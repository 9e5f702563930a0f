import { describe, expect, it } from 'vitest'
import { problemsOfInstance } from './instance-address.ts'

describe('an instance address', () => {
  it.each([
    'http://10.0.0.7:8080',
    'https://books.internal',
    'http://localhost:3000',
    'http://127.0.0.1:3000',
    'HTTP://Books.Internal:80',
    'http://books_v2.svc.cluster.local.',
    'http://[2001:db8::7]:8080',
    'http://[::1]:8080',
  ])('%s is fine', (url) => {
    expect(problemsOfInstance(url)).toBeNull()
  })

  it.each([
    ['file:///etc/passwd', /Only http and https/],
    ['ftp://books', /Only http and https/],
    ['javascript:alert(1)', /origin such as/],
    ['books:8080', /origin such as/],
    ['', /origin such as/],
    ['http://', /Give a host/],
    ['http://:8080', /Give a host/],
    ['http://user:secret@books', /user name and password/],
    ['http://books@evil.test', /user name and password/],
    ['http://books/api', /path/],
    ['http://books/', /path/],
    ['http://books?x=1', /query/],
    ['http://books/#x', /fragment/],
    ['http://books:0', /port/],
    ['http://books:65536', /port/],
    ['http://books:80:80', /host, and a port/],
    ['http://bo oks', /blanks/],
    ['http://books\u0000', /control characters/],
    ['http://books\r\nX: y', /control characters/],
    ['http://books\\x', /backslashes/],
    ['http://-books', /not a host name/],
    ['http://b\u00fccher.example', /not a host name/],
    ['http://169.254.169.254', /Link-local/],
    ['http://[fe80::1]', /Link-local/],
    ['http://[::ffff:169.254.169.254]', /Link-local/],
    ['http://[fd00:ec2::254]', /metadata/],
    ['http://metadata.google.internal', /metadata/],
    ['http://METADATA.google.internal.', /metadata/],
    ['http://0.0.0.0:80', /no host/],
    ['http://[::]', /no host/],
    ['http://2852039166', /usual form/],
    ['http://0xa9fea9fe', /usual form/],
    ['http://0251.254.169.254', /usual form/],
    ['http://127.1', /usual form/],
    ['http://[fe80::1%25eth0]', /usual form/],
    ['http://224.0.0.1', /Multicast/],
  ])('%s is refused', (url, message) => {
    expect(problemsOfInstance(url)).toMatch(message)
  })
})
