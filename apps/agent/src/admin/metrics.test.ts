import { readFileSync } from 'node:fs'
import path from 'node:path'
import { hasPromtool, promtool } from '@crossfade/testkit/promtool'
import { describe, expect, it } from 'vitest'
import { anOutcome } from '../stats/an-outcome.ts'
import { createRecorder } from '../stats/recorder.ts'
import { createTotals } from '../stats/totals.ts'
import { createMetrics } from './metrics.ts'

describe('the metrics page', () => {
  it('counts requests and failures by mapping, side, way and status class', async () => {
    const { recorder, page } = rig()
    recorder.record(anOutcome())
    recorder.record(anOutcome({ side: 'new', via: 'steered', status: 503 }))
    recorder.record(anOutcome({ side: 'new', status: null, failure: 'connect' }))
    recorder.record(anOutcome({ mappingId: null, via: 'default' }))
    const lines = await page()
    expect(lines).toContain(
      'crossfade_agent_requests_total{mapping="Books",side="legacy",via="split",status="2xx"} 1',
    )
    expect(lines).toContain(
      'crossfade_agent_requests_total{mapping="Books",side="new",via="steered",status="5xx"} 1',
    )
    expect(lines).toContain(
      'crossfade_agent_requests_total{mapping="Books",side="new",via="split",status="none"} 1',
    )
    expect(lines).toContain('crossfade_agent_failures_total{mapping="Books",side="new",kind="connect"} 1')
    expect(lines).toContain(
      'crossfade_agent_requests_total{mapping="",side="legacy",via="default",status="2xx"} 1',
    )
  })

  it('has a histogram whose buckets add up, over all ways to a side', async () => {
    const { recorder, page } = rig()
    recorder.record(anOutcome({ latencyMs: 3 }))
    recorder.record(anOutcome({ latencyMs: 30, via: 'steered' }))
    recorder.record(anOutcome({ latencyMs: 60_000 }))
    const name = 'crossfade_agent_request_duration_seconds'
    const labels = 'mapping="Books",side="legacy"'
    const lines = await page()
    expect(lines).toContain(`${name}_bucket{le="0.0025",${labels}} 0`)
    expect(lines).toContain(`${name}_bucket{le="0.005",${labels}} 1`)
    expect(lines).toContain(`${name}_bucket{le="0.05",${labels}} 2`)
    expect(lines).toContain(`${name}_bucket{le="10",${labels}} 2`)
    expect(lines).toContain(`${name}_bucket{le="+Inf",${labels}} 3`)
    expect(lines).toContain(`${name}_sum{${labels}} 60.033`)
    expect(lines).toContain(`${name}_count{${labels}} 3`)
  })

  it('reads the same twice: reading does not count', async () => {
    const { recorder, page } = rig()
    recorder.record(anOutcome())
    const own = (lines: readonly string[]) => lines.filter((line) => line.includes('mapping='))
    expect(own(await page())).toEqual(own(await page()))
  })

  it('forgets mappings that are gone', async () => {
    const { recorder, page, totals } = rig()
    recorder.record(anOutcome())
    await page()
    totals.keepOnly(new Set())
    expect((await page()).some((line) => line.startsWith('crossfade_agent_requests_total{'))).toBe(false)
  })

  it('names everything the way Prometheus wants it', async () => {
    const { page } = rig()
    const lines = await page()
    const types = lines.flatMap((line) => /^# TYPE (\S+) (\S+)$/.exec(line)?.slice(1, 3) ?? [])
    for (let i = 0; i < types.length; i += 2) {
      const [name = '', type] = [types[i], types[i + 1]]
      expect(name).toMatch(/^crossfade_agent_[a-z0-9_]+$/)
      expect(name.endsWith('_total'), `${name} is a ${type}`).toBe(type === 'counter')
    }
  })
})

describe.skipIf(!hasPromtool())('by the rules of Prometheus', () => {
  const rules = path.resolve(import.meta.dirname, '../../../../deploy/prometheus')

  it('the page is what promtool wants', async () => {
    const { recorder, page } = rig()
    recorder.record(anOutcome({ side: 'new', failure: 'reset', retries: 1, fallback: true }))
    expect(promtool(['check', 'metrics'], (await page()).join('\n'))).toBe('')
  })

  it('the alert rules hold, and fire when they should', () => {
    expect(promtool(['check', 'rules', path.join(rules, 'crossfade-alerts.yml')])).toBe('')
    expect(promtool(['test', 'rules', path.join(rules, 'crossfade-alerts.test.yml')])).toBe('')
  })

  it('the alert rules ask for nothing that is not on the page', async () => {
    const { recorder, page } = rig()
    recorder.record(anOutcome())
    const families = new Set((await page()).flatMap((line) => /^# TYPE (\S+) /.exec(line)?.[1] ?? []))
    const asked = readFileSync(path.join(rules, 'crossfade-alerts.yml'), 'utf8').match(/crossfade_agent_\w+/g)
    const unknown = new Set(asked?.filter((name) => !families.has(name.replace(/_bucket$/, ''))))
    expect([...unknown]).toEqual([])
  })
})

function rig() {
  const totals = createTotals()
  const recorder = createRecorder({
    now: () => 5000,
    isFine: () => true,
    onWindow: (closed) => totals.add(closed),
  })
  const zero = () => 0
  const metrics = createMetrics({
    version: '1.2.3',
    totals: () => totals.list(),
    nameOf: () => 'Books',
    refusals: () => new Map([['schema', 2]]),
    lostWindows: zero,
    failedHandshakes: zero,
    guards: {
      breakers: () => [{ mappingId: 'books', side: 'new', state: 'open' }],
      inFlight: () => [{ mappingId: 'books', side: 'new', count: 4 }],
      transitions: () => [{ mappingId: 'books', side: 'new', to: 'open', count: 2 }],
      counts: () => [{ mappingId: 'books', what: 'rate_limited', count: 5 }],
    },
    issuers: () => [
      {
        issuer: 'login',
        keys: 2,
        fetches: { ok: 1, failed: 3 },
        problem: null,
        valid: 4,
        invalid: 5,
        remembered: 6,
      },
    ],
    logLines: () => ({ written: 3, dropped: 1 }),
    gauges: {
      ready: zero,
      link_up: zero,
      snapshot_revision: zero,
      overlays: zero,
      emergencies: zero,
      connections: zero,
      in_flight_requests: zero,
      overload_level: () => 0,
      stats_backlog_windows: zero,
      clock_offset_seconds: zero,
    },
  })
  const page = async () => {
    recorder.flush()
    return (await metrics.page()).split('\n')
  }
  return { recorder, totals, page }
}
