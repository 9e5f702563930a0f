import { existsSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'

/** `npm run demo:reset`: forgets everything the demo keeps. Refuses while it runs. */
const folder = path.resolve(process.env['CROSSFADE_DEMO_DIR'] ?? '.crossfade')
const lock = path.join(folder, 'control-plane', 'store.lock')

if (existsSync(lock) && isAlive((JSON.parse(readFileSync(lock, 'utf8')) as { pid: number }).pid)) {
  console.error('The demo is running; stop it with Ctrl-C first.')
  process.exit(1)
}
rmSync(folder, { recursive: true, force: true })
console.log('The demo starts over with the next `npm start`.')

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
