import { describe, expect, it } from 'vitest'
import { defaultLimits } from './proxy/http-limits.ts'
import { NO_TLS } from './tls/tls-settings.ts'
import { agentTable, readAgentSettings } from './settings.ts'

const token = `cfa_id_${'s'.repeat(32)}_${'0a'.repeat(16)}`
const enough = { CROSSFADE_CONTROL_URL: 'https://control.example', CROSSFADE_AGENT_TOKEN: token }

describe('settings', () => {
  it('have defaults for all but the control plane and the token', () => {
    expect(readAgentSettings(enough, 'host-1')).toEqual({
      controlUrl: 'https://control.example',
      token,
      name: 'host-1',
      listen: { host: '0.0.0.0', port: 8080 },
      tls: NO_TLS,
      adminListen: { host: '127.0.0.1', port: 9901 },
      healthListen: null,
      healthPath: null,
      revokedGraceMs: null,
      stateDir: '.crossfade-agent',
      bootstrap: null,
      adminToken: null,
      drain: { preStopMs: 5000, timeoutMs: 30_000 },
      limits: defaultLimits,
      dnsServers: [],
      allowNetworks: ['public', 'private'],
      overload: { loopDelayMs: 1000, memoryBytes: null, connections: null },
      trafficLog: null,
      logLevel: 'info',
    })
  })

  it('turn on the traffic log by its place, with a format that is checked', () => {
    const log = { ...enough, CROSSFADE_TRAFFIC_LOG: 'stdout', CROSSFADE_TRAFFIC_LOG_SAMPLE: '0.25' }
    expect(readAgentSettings(log, 'host-1').trafficLog).toEqual({
      to: 'stdout',
      format: 'json',
      sample: 0.25,
    })
    const message = refusal({
      ...log,
      CROSSFADE_TRAFFIC_LOG_FORMAT: '$statsu $side',
      CROSSFADE_TRAFFIC_LOG_SAMPLE: '2',
    })
    expect(message).toContain('CROSSFADE_TRAFFIC_LOG_FORMAT: $statsu is not known')
    expect(message).toContain('CROSSFADE_TRAFFIC_LOG_SAMPLE: Give a part from 0 to 1')
  })

  it('are refused all at once, by name, without repeating a secret', () => {
    const message = refusal({
      CROSSFADE_CONTROL_URL: 'ftp://control.example',
      CROSSFADE_AGENT_TOKEN: 'a-secret-in-the-wrong-place',
      CROSSFADE_LISTEN: '8080',
      CROSSFADE_DRAIN_DELAY: 'soon',
      CROSSFADE_LISTNE: '1',
    })
    for (const name of ['CONTROL_URL', 'AGENT_TOKEN', 'LISTEN', 'DRAIN_DELAY', 'LISTNE']) {
      expect(message).toContain(`CROSSFADE_${name}:`)
    }
    expect(message).not.toContain('a-secret')
  })

  it('are read from files too', () => {
    const env = {
      CROSSFADE_CONTROL_URL: enough.CROSSFADE_CONTROL_URL,
      CROSSFADE_AGENT_TOKEN_FILE: '/run/token',
    }
    expect(readAgentSettings(env, 'h', () => `${token}\n`).token).toBe(token)
  })

  it('send the token in the clear only within this machine, or when told to', () => {
    const plain = { ...enough, CROSSFADE_CONTROL_URL: 'http://control.example:4400' }
    expect(refusal({ ...plain, CROSSFADE_LISTEN: 'nowhere' })).toMatch(/LISTEN:[^]*unencrypted/)
    expect(readAgentSettings({ ...plain, CROSSFADE_INSECURE: 'true' }, 'h').controlUrl).toContain('http:')
    for (const host of ['127.0.0.1', 'localhost', '[::1]']) {
      const local = { ...enough, CROSSFADE_CONTROL_URL: `http://${host}:4400` }
      expect(readAgentSettings(local, 'h').controlUrl).toContain(host)
    }
  })

  it('each say what they are for', () => {
    for (const { meaning } of Object.values(agentTable)) expect(meaning.length).toBeGreaterThan(20)
  })
})

function refusal(env: Record<string, string>): string {
  try {
    readAgentSettings(env, 'h')
    return ''
  } catch (error) {
    return String(error)
  }
}
