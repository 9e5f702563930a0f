import { describe, expect, it } from 'vitest'
import { readControlPlaneSettings } from './settings.ts'

const complaints = (env: Record<string, string>): string => {
  try {
    readControlPlaneSettings(env)
    return ''
  } catch (error) {
    return error instanceof Error ? error.message : ''
  }
}

describe('the settings of the control plane', () => {
  it('need nothing: loopback, a data directory, an address of its own', () => {
    expect(readControlPlaneSettings({})).toMatchObject({
      host: '127.0.0.1',
      port: 4400,
      publicUrl: 'http://127.0.0.1:4400',
      tls: null,
      databaseUrl: null,
      dataDir: '.crossfade',
    })
  })

  it('refuse plain http where other machines can reach it, unless told', () => {
    expect(complaints({ CROSSFADE_HOST: '0.0.0.0' })).toContain('CROSSFADE_INSECURE=true')
    expect(complaints({ CROSSFADE_HOST: '127.0.0.1.example.com' })).toContain('CROSSFADE_INSECURE=true')
    expect(complaints({ CROSSFADE_HOST: '0.0.0.0', CROSSFADE_INSECURE: 'true' })).toBe('')
    expect(
      complaints({ CROSSFADE_HOST: '0.0.0.0', CROSSFADE_TLS_CERT: '/cert', CROSSFADE_TLS_KEY: '/key' }),
    ).toBe('')
    expect(complaints({ CROSSFADE_HOST: '::1' })).toBe('')
  })

  it('need their keys with a database that replicas share', () => {
    const said = complaints({ DATABASE_URL: 'postgres://db/crossfade' })
    expect(said).toContain('CROSSFADE_SIGNING_KEY: required')
    expect(said).toContain('CROSSFADE_AUDIT_KEY: required')
  })

  it('are refused all at once, without repeating secrets', () => {
    const said = complaints({
      CROSSFADE_PORT: '99999',
      CROSSFADE_PUBLIC_URL: 'ftp://x',
      DATABASE_URL: 'mysql://user:hunter2@db/x',
      CROSSFADE_TLS_CERT: '/cert',
      CROSSFADE_ALLOW_NETWORKS: 'private,10.0.0.0/40',
      CROSSFADE_TYPO: 'x',
    })
    for (const name of ['PORT', 'PUBLIC_URL', 'TLS_CERT', 'ALLOW_NETWORKS', 'TYPO', 'SIGNING_KEY']) {
      expect(said).toContain(`CROSSFADE_${name}`)
    }
    expect(said).toContain('DATABASE_URL: not acceptable')
    expect(said).not.toContain('hunter2')
  })

  it('take the public address without a slash at its end, and https with a certificate', () => {
    expect(readControlPlaneSettings({ CROSSFADE_PUBLIC_URL: 'https://cf.example/' }).publicUrl).toBe(
      'https://cf.example',
    )
    const tls = { CROSSFADE_TLS_CERT: '/cert', CROSSFADE_TLS_KEY: '/key', CROSSFADE_HOST: '::1' }
    expect(readControlPlaneSettings(tls).publicUrl).toBe('https://[::1]:4400')
  })
})
