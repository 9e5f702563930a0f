import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { constants, homedir } from 'node:os'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { plainText } from '@crossfade/runtime/plain-text'
import { CommanderError } from 'commander'
import { buildProgram } from './program.ts'
import { CommandError, type World } from './world.ts'

const here = path.dirname(fileURLToPath(import.meta.url))

const world: World = {
  env: process.env,
  out: (line) => process.stdout.write(`${plainText(line)}\n`),
  err: (line) => process.stderr.write(`${plainText(line)}\n`),
  now: Date.now,
  nodeVersion: process.versions.node,
  readStdin: () => text(process.stdin),
  configDir: path.join(process.env['XDG_CONFIG_HOME'] ?? path.join(homedir(), '.config'), 'crossfade'),
  runProgram: (name, args) =>
    new Promise((resolve, reject) => {
      // Published, the programs lie beside this file; in the workspace they run from source.
      const bundled = path.join(here, `${name}.mjs`)
      const file = existsSync(bundled) ? bundled : path.join(here, `../../../apps/${name}/src/main.ts`)
      const child = spawn(process.execPath, [file, ...args], { stdio: 'inherit' })
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal))
      child.on('error', reject)
      child.on('exit', (code, signal) =>
        resolve(code ?? 128 + (signal === null ? 1 : constants.signals[signal])),
      )
    }),
}

try {
  await buildProgram(world, '0.1.0').parseAsync(process.argv)
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2
  else if (error instanceof CommandError) {
    world.err(`crossfade: ${error.message}`)
    process.exitCode = 1
  } else throw error
}
