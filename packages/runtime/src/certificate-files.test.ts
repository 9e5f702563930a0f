import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { anAuthority, type Pair } from '@crossfade/testkit/certificates'
import { manualClock, type ManualClock } from '@crossfade/testkit/manual-clock'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createCertificateFiles, type CertificateFiles } from './certificate-files.ts'
import { pairsIn } from './certificate.ts'
import { createLogger } from './logger.ts'

const authority = anAuthority()
const one = authority.issue()
const other = authority.issue()
let folder: string
let clock: ManualClock
let files: CertificateFiles
let changes: string[][]

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'cf-certs-'))
  clock = manualClock(Date.now())
  changes = []
  files = createCertificateFiles({
    sources: () => pairsIn(folder, 'CROSSFADE_TLS_DIR'),
    folders: [],
    clock,
    logger: createLogger('test', 'silent'),
  })
  files.onChange((names) => changes.push([...names]))
})
afterEach(async () => {
  await files.stop()
  rmSync(folder, { recursive: true })
})

const put = (name: string, { cert, key }: Partial<Pair>) => {
  if (cert !== undefined) writeFileSync(path.join(folder, `${name}.crt`), cert)
  if (key !== undefined) writeFileSync(path.join(folder, `${name}.key`), key)
}
/** The next look has begun; a test then waits for what it must see. */
const looked = () => clock.advanceAsync(10_000)

describe('certificates in files', () => {
  it('are taken up when they come, change and go', async () => {
    put('Books.test', one)
    await files.start()
    expect(files.names()).toEqual(['books.test'])
    expect(files.get('books.test')?.cert).toBe(one.cert)

    put('Books.test', other)
    put('more.test', one)
    await looked()
    await expect.poll(() => changes).toEqual([['books.test', 'more.test']])
    expect(files.get('books.test')?.key).toBe(other.key)

    rmSync(path.join(folder, 'more.test.crt'))
    rmSync(path.join(folder, 'more.test.key'))
    await looked()
    await expect.poll(() => files.names()).toEqual(['books.test'])
    expect(files.warnings()).toEqual([])
  })

  it('are looked at without a word while nothing changes', async () => {
    put('books.test', one)
    await files.start()
    await looked()
    await looked()
    expect(changes).toEqual([])
  })

  it.each([
    ['a key of another certificate', { key: other.key }, /key in .*books\.test\.key is not that of/],
    ['a key that is none', { key: 'nothing' }, /books\.test\.key is not a PEM private key/],
    ['no certificate', { cert: 'nothing' }, /books\.test\.crt holds no PEM certificate/],
    [
      'a broken certificate',
      { cert: one.cert.replace(/\n[^-]{20}/, '\nAAAA') },
      /books\.test\.crt holds a broken certificate/,
    ],
  ])('stay as they were when the new files hold %s, with a warning', async (_what, change, why) => {
    put('books.test', one)
    await files.start()
    put('books.test', change)
    await looked()
    await expect.poll(() => files.warnings()).toEqual([expect.stringMatching(why)])
    expect(files.get('books.test')).toMatchObject(one)
    expect(changes).toEqual([])

    put('books.test', other)
    await looked()
    await expect.poll(() => files.warnings()).toEqual([])
    expect(files.get('books.test')).toMatchObject(other)
  })

  it('are all named at the start when they cannot be used, without what is in them', async () => {
    put('books.test', { cert: one.cert })
    put('more.test', { cert: one.cert, key: other.key })
    const message = await files.start().then(
      () => '',
      (error: Error) => error.message,
    )
    expect(message).toMatch(/CROSSFADE_TLS_DIR: .*books\.test\.key is not there/)
    expect(message).toMatch(/CROSSFADE_TLS_DIR: the key in .*more\.test\.key is not that of/)
    expect(message).not.toContain('BEGIN')
  })

  it('stay when their folder goes away', async () => {
    put('books.test', one)
    await files.start()
    rmSync(folder, { recursive: true })
    await looked()
    await expect.poll(() => files.warnings()).toEqual([expect.stringContaining('cannot be read')])
    expect(files.names()).toEqual(['books.test'])
    mkdirSync(folder)
  })

  it('are warned of before they run out, and after', async () => {
    put('books.test', one)
    await files.start()
    expect(files.warnings()).toEqual([])
    clock.advance(1.9 * 86_400_000)
    expect(files.warnings()).toEqual([expect.stringContaining('The certificate books.test runs out on')])
    clock.advance(86_400_000)
    expect(files.warnings()).toEqual([expect.stringContaining('The certificate books.test ran out on')])
  })
})

describe('watching their folder', () => {
  it('sees a change at once', async () => {
    put('books.test', one)
    const watched = createCertificateFiles({
      sources: () => pairsIn(folder, 'CROSSFADE_TLS_DIR'),
      folders: [folder],
      clock,
      logger: createLogger('test', 'silent'),
    })
    await watched.start()
    const before = clock.pending()
    put('books.test', other)
    // An event asks for a look soon; time stands still until then.
    await expect.poll(() => clock.pending()).toBeGreaterThan(before)
    await clock.advanceAsync(250)
    await expect.poll(() => watched.get('books.test')?.cert).toBe(other.cert)
    await watched.stop()
    expect(clock.pending()).toBe(0)
  })
})
