import { describe, expect, it } from 'vitest'
import { shownSettings } from './hidden.ts'
import { clockFinding } from './report.ts'

describe('two clocks', () => {
  const at = (iso: string) => Date.parse(iso)
  const theirs = 'Sat, 21 Nov 2026 08:00:10 GMT'

  it.each([
    ['the same second', '2026-11-21T08:00:10.400Z', 'ok'],
    ['a second that began while we asked', '2026-11-21T08:00:09.900Z', 'ok'],
    ['three seconds ahead', '2026-11-21T08:00:14.100Z', 'warning'],
    ['three seconds behind', '2026-11-21T08:00:06.900Z', 'warning'],
    ['a minute ahead', '2026-11-21T08:01:12.000Z', 'failed'],
  ])('in %s', (_what, now, state) => {
    expect(clockFinding(theirs, at(now), at(now) + 100)).toMatchObject({ state })
  })

  it('cannot be compared without a date', () => {
    expect(clockFinding(undefined, 0, 0)).toMatchObject({ state: 'warning' })
  })
})

describe('settings that are shown', () => {
  it('hide everything that is not known to be harmless', () => {
    const shown = shownSettings({
      CROSSFADE_URL: 'https://me:hunter2@cf.example/x?token=hunter2#hunter2',
      CROSSFADE_TOKEN: 'hunter2',
      CROSSFADE_AGENT_TOKEN: 'hunter2',
      CROSSFADE_ADMIN_TOKEN_FILE: '/run/secrets/admin',
      CROSSFADE_SIGNING_KEY: 'hunter2',
      CROSSFADE_AUDIT_KEY: 'hunter2',
      CROSSFADE_NEXT_YEARS_SECRET: 'hunter2',
      CROSSFADE_PORT: '4400',
      CROSSFADE_TLS_CERT: '/etc/cf.crt',
      DATABASE_URL: 'postgres://user:hunter2@db:5432/cf?password=hunter2',
      PATH: '/bin',
      AWS_SECRET_ACCESS_KEY: 'hunter2',
    })
    expect(JSON.stringify(shown)).not.toContain('hunter2')
    expect(shown).toEqual({
      CROSSFADE_ADMIN_TOKEN_FILE: '/run/secrets/admin',
      CROSSFADE_AGENT_TOKEN: '(set, hidden)',
      CROSSFADE_AUDIT_KEY: '(set, hidden)',
      CROSSFADE_NEXT_YEARS_SECRET: '(set, hidden)',
      CROSSFADE_PORT: '4400',
      CROSSFADE_SIGNING_KEY: '(set, hidden)',
      CROSSFADE_TLS_CERT: '/etc/cf.crt',
      CROSSFADE_TOKEN: '(set, hidden)',
      CROSSFADE_URL: 'https://cf.example/x',
      DATABASE_URL: 'postgres://db:5432/cf',
    })
  })
})
