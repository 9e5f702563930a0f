#!/usr/bin/env node
// The door of the house: needs only Node 20.19 and npm. Brings pnpm, the dependencies and Node 24, then hands
// over to tools/<command>.ts. Plain JavaScript without dependencies, because none are installed yet.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { constants } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)))
process.chdir(root)

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Crossfade needs Node 20.19 or newer; this is ${process.version}.`)
  process.exit(1)
}

const { packageManager } = JSON.parse(readFileSync('package.json', 'utf8'))
const isOlder = (a, b) => !existsSync(a) || statSync(a).mtimeMs < statSync(b).mtimeMs
const run = (command, args) => {
  const { status } = spawnSync(command, args, { stdio: ['inherit', 2, 2] })
  if (status !== 0) process.exit(status ?? 1)
}

if (isOlder('node_modules/.modules.yaml', 'pnpm-lock.yaml') || !existsSync('node_modules/.bin/node')) {
  run('npx', ['--yes', packageManager, 'install', '--frozen-lockfile'])
}
const generated = 'apps/control-plane/src/store/generated/client.ts'
if (isOlder(generated, 'prisma/schema.prisma')) run('node_modules/.bin/prisma', ['generate'])

const [command, ...args] = process.argv.slice(2)
const node = path.join(root, 'node_modules/.bin/node')
const child = spawn(node, [`tools/${command}.ts`, ...args], { stdio: 'inherit' })
// Ctrl-C reaches the child through the terminal; this process only waits for it.
for (const signal of ['SIGINT', 'SIGTERM'])
  process.on(signal, () => signal === 'SIGTERM' && child.kill(signal))
child.on('exit', (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 0)))
