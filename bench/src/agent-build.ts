import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import type * as builders from '@crossfade/testkit/builders'
import type * as sealing from '@crossfade/testkit/signed-snapshot'

/** The workspace these benches stand in. */
export const thisTree = path.resolve(import.meta.dirname, '../..')

/** Checks out and builds the agent of an earlier commit, to be measured beside this one. */
export function checkOut(ref: string, folder: string): string {
  const tree = path.join(folder, 'tree')
  const run = (command: string, ...args: string[]) =>
    execFileSync(command, args, { cwd: tree, stdio: ['ignore', 2, 2] })
  execFileSync('git', ['clone', '--quiet', '--shared', thisTree, tree])
  run('git', 'checkout', '--quiet', ref)
  run('npm', 'run', '--silent', 'build')
  return tree
}

/**
 * What starts the agent of a tree on a snapshot sealed by that tree's own code: formats may differ between
 * commits. 25 % of readers go to new, as the rivals split.
 */
export async function agentOf(
  tree: string,
  folder: string,
  ports: { readonly listen: number; readonly legacy: number; readonly new: number },
): Promise<{ command: readonly string[]; env: Record<string, string> }> {
  const { aMapping, aService, aSnapshot } = (await from(tree, 'builders')) as typeof builders
  const { agentTokenFor, signedSnapshotFile } = (await from(tree, 'signed-snapshot')) as typeof sealing
  const plain = aMapping({
    match: { methods: [], host: null, path: { kind: 'prefix', path: '/books' } },
    split: {
      share: 2_500,
      cohort: 'bench-cohort-salt',
      identity: { kind: 'cookie', name: 'uid' },
      missing: 'legacy',
    },
  })
  const rewrite = { ...plain.new.rewrite, path: { kind: 'prefix', to: '/v2/books' } } as const
  const mapping = { ...plain, new: { ...plain.new, rewrite } }
  const services = (['legacy', 'new'] as const).map((side) =>
    aService({ id: mapping[side].serviceId, name: side, instances: [`http://127.0.0.1:${ports[side]}`] }),
  )
  const sealed = signedSnapshotFile(aSnapshot({ services, mappings: [mapping] }))
  mkdirSync(folder, { recursive: true })
  const bootstrap = path.join(folder, 'bootstrap.json')
  writeFileSync(bootstrap, JSON.stringify(sealed.file))
  const file = path.join(tree, 'apps/agent/dist/agent.mjs')
  if (!existsSync(file)) throw new Error(`${file} is not built`)
  return {
    command: [process.execPath, file],
    env: {
      CROSSFADE_CONTROL_URL: 'http://127.0.0.1:9',
      CROSSFADE_AGENT_TOKEN: agentTokenFor(sealed),
      CROSSFADE_AGENT_NAME: 'bench',
      CROSSFADE_ALLOW_NETWORKS: 'loopback',
      CROSSFADE_LISTEN: `127.0.0.1:${ports.listen}`,
      CROSSFADE_ADMIN_LISTEN: '127.0.0.1:0',
      CROSSFADE_STATE_DIR: path.join(folder, 'state'),
      CROSSFADE_BOOTSTRAP: bootstrap,
      CROSSFADE_LOG_LEVEL: 'error',
    },
  }
}

function from(tree: string, file: string): Promise<unknown> {
  return import(pathToFileURL(path.join(tree, `packages/testkit/src/${file}.ts`)).href)
}
