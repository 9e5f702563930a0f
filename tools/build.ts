import { globSync, statSync } from 'node:fs'
import { bin, run } from './run.ts'

interface Artefact {
  readonly name: string
  /** Newer than all of its sources: nothing to do. */
  readonly output: string
  readonly sources: string
  readonly command: readonly [string, readonly string[]]
}

const artefacts: readonly Artefact[] = [
  {
    name: 'dashboard',
    output: 'apps/dashboard/dist/index.html',
    sources: '{apps/dashboard/{src,index.html,vite.config.ts,package.json},packages/{core,contracts}}/**',
    command: [
      bin('node'),
      ['apps/dashboard/node_modules/vite/bin/vite.js', 'build', 'apps/dashboard', '--logLevel', 'warn'],
    ],
  },
  {
    name: 'agent',
    output: 'apps/agent/dist/agent.mjs',
    sources: '{apps/agent/{src,build.mjs},packages/{core,contracts,runtime}}/**',
    command: [bin('node'), ['apps/agent/build.mjs']],
  },
]

/** Builds what is older than its sources. */
export async function build(): Promise<void> {
  for (const { name, output, sources, command } of artefacts) {
    if (isFresh(output, sources)) continue
    console.log(`building ${name}`)
    const code = await run(...command)
    if (code !== 0) throw new Error(`Building ${name} failed`)
  }
}

function isFresh(output: string, sources: string): boolean {
  const built = statSync(output, { throwIfNoEntry: false })?.mtimeMs
  if (built === undefined) return false
  return globSync(sources, { exclude: (file) => file.includes('node_modules') })
    .map((file) => statSync(file))
    .every((source) => !source.isFile() || source.mtimeMs < built)
}
