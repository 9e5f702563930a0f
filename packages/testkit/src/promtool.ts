import { spawnSync } from 'node:child_process'

/** Whether Prometheus' own checker is on this machine (`apt-get install prometheus`). Says so loudly when not. */
export function hasPromtool(): boolean {
  const found = spawnSync('promtool', ['--version']).error === undefined
  if (!found)
    process.stderr.write(
      'promtool is missing: metrics and alert rules are NOT checked (install prometheus)\n',
    )
  return found
}

/** Runs it; the answer is what it complains about, empty when it is content. */
export function promtool(args: readonly string[], input = ''): string {
  const { status, stdout, stderr } = spawnSync('promtool', args, { input, encoding: 'utf8' })
  return status === 0 && stderr === '' ? '' : `${stdout}${stderr}` || `promtool ended with ${status}`
}
