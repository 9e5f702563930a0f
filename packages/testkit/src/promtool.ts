import { spawnSync } from 'node:child_process'

/** Whether Prometheus' own checker is here. Loud where not; in CI its absence is a failure. */
export function hasPromtool(): boolean {
  if (spawnSync('promtool', ['--version']).error === undefined) return true
  const words = 'promtool is missing: metrics and alert rules are NOT checked (apt-get install prometheus)'
  if (process.env['CI'] === 'true') throw new Error(words)
  process.stderr.write(`\n*** ${words} ***\n\n`)
  return false
}

/** Runs it; the answer is what it complains about, empty when it is content. */
export function promtool(args: readonly string[], input = ''): string {
  const { status, stdout, stderr } = spawnSync('promtool', args, { input, encoding: 'utf8' })
  return status === 0 && stderr === '' ? '' : `${stdout}${stderr}` || `promtool ended with ${status}`
}
