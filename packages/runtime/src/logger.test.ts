import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

it('LOG-01: a log line is one line of JSON whatever is logged, with nothing a terminal obeys', () => {
  const nasty = 'x","level":"fatal","msg":"forged\n\r\u001b[2J\u009b31m\u2028\u202e'
  const logger = fileURLToPath(new URL('./logger.ts', import.meta.url))
  const script = `import { createLogger } from ${JSON.stringify(logger)}
    const nasty = ${JSON.stringify(nasty)}
    createLogger('test', 'info').warn({ [nasty]: nasty, err: new Error(nasty), password: 'p', deep: { token: 't' } }, nasty)`
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' })
  expect(stdout).toMatch(/^[\x20-\x7e]+\n$/)
  expect(JSON.parse(stdout)).toMatchObject({
    level: 'warn',
    msg: nasty,
    [nasty]: nasty,
    deep: { token: '[redacted]' },
  })
})
