import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { apiClient, type ApiClient } from 'crossfade/api-client'
import { demoPlan, type DemoPlan } from './demo-plan.ts'
import { demoProcesses, type DemoProcesses } from './demo-processes.ts'
import { createAgentToken, oneTimeLink, seedDemo } from './demo-seed.ts'

/** `npm start`: a control plane, two agents, two book services and their readers, until Ctrl-C. */
const root = fileURLToPath(new URL('../..', import.meta.url))
const plan = demoPlan(
  path.resolve(process.env['CROSSFADE_DEMO_DIR'] ?? path.join(root, '.crossfade')),
  Number(process.env['CROSSFADE_DEMO_PORT'] ?? 4400),
  Number(process.env['CROSSFADE_DEMO_AGENT_PORT'] ?? 8080),
)
const readersPerSecond = process.env['CROSSFADE_DEMO_READERS'] ?? '25'
const awaySeconds = Number(process.env['CROSSFADE_DEMO_AWAY'] ?? 60)

mkdirSync(plan.folder, { recursive: true, mode: 0o700 })
const leaving = new AbortController()
/** From here on a program that ends is brought back. */
const running = new AbortController()
const processes = demoProcesses(path.join(plan.folder, 'logs'), (name, log) => {
  if (leaving.signal.aborted) return
  if (running.signal.aborted) return bringBack(name)
  console.error(`\n${name} ended by itself. Its last words, from ${path.relative(process.cwd(), log)}:`)
  console.error(readFileSync(log, 'utf8').trimEnd().split('\n').slice(-5).join('\n'))
  leave(1)
})

/** Killing a program is part of the show: the others go on, and after a while it is started again. */
function bringBack(name: string): void {
  console.log(`\n${name} ended; everything else goes on. It comes back in ${awaySeconds} s.`)
  void sleep(awaySeconds * 1000, undefined, { ref: false }).then(() => processes.startAgain(name))
}

/** Stops everything once, in reverse order. */
function leave(code: number): void {
  if (leaving.signal.aborted) return
  leaving.abort()
  console.log('\nStopping; the data stays. `npm run demo:reset` starts over.')
  void processes.stop().then(() => process.exit(code))
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => leave(0))

try {
  startServices(processes, plan)
  startControlPlane(processes, plan)
  const api = await localApi(plan)
  await seedDemo(api, plan)
  await startAgents(processes, plan, api)
  await agentsReady(plan)
  const agentUrls = plan.agents.map(({ port }) => `http://127.0.0.1:${port}`)
  processes.start('readers', [source('examples/src/traffic.ts'), readersPerSecond, ...agentUrls])
  welcome(plan, await oneTimeLink(api))
  running.abort()
} catch (error) {
  if (!leaving.signal.aborted) {
    console.error(error instanceof Error ? error.message : error)
    leave(1)
  }
}

function source(file: string): string {
  return path.join(root, file)
}

function startServices(to: DemoProcesses, { services }: DemoPlan): void {
  for (const side of ['legacy', 'new'] as const) {
    to.start(`${side}-service`, [source('examples/src/serve.ts'), side, String(services[side])])
  }
}

function startControlPlane(to: DemoProcesses, { controlPlane }: DemoPlan): void {
  to.start('control-plane', [source('apps/control-plane/src/main.ts')], {
    CROSSFADE_PORT: String(controlPlane.port),
    CROSSFADE_PUBLIC_URL: controlPlane.url,
    CROSSFADE_DATA_DIR: controlPlane.dataDir,
    CROSSFADE_ALLOW_NETWORKS: '127.0.0.0/8',
  })
}

/** The control plane's own door for whoever can read its data directory. */
async function localApi({ controlPlane }: DemoPlan): Promise<ApiClient> {
  await until('the control plane', async () => (await fetch(`${controlPlane.url}/readyz`)).ok)
  return apiClient({ kind: 'socket', path: path.join(controlPlane.dataDir, 'local.sock') })
}

async function startAgents(
  to: DemoProcesses,
  { folder, controlPlane, agents }: DemoPlan,
  api: ApiClient,
): Promise<void> {
  const token = await rememberedToken(path.join(folder, 'agent-token'), api)
  for (const agent of agents) {
    to.start(agent.name, [source('apps/agent/src/main.ts')], {
      CROSSFADE_CONTROL_URL: controlPlane.url,
      CROSSFADE_AGENT_TOKEN: token,
      CROSSFADE_AGENT_NAME: agent.name,
      CROSSFADE_LISTEN: `127.0.0.1:${agent.port}`,
      CROSSFADE_ADMIN_LISTEN: `127.0.0.1:${agent.adminPort}`,
      CROSSFADE_STATE_DIR: agent.stateDir,
      CROSSFADE_DRAIN_DELAY: '0',
      CROSSFADE_ALLOW_NETWORKS: '127.0.0.0/8',
    })
  }
}

async function rememberedToken(file: string, api: ApiClient): Promise<string> {
  if (!existsSync(file)) {
    writeFileSync(file, await createAgentToken(api, 'demo agents'), { mode: 0o600 })
    chmodSync(file, 0o600)
  }
  return readFileSync(file, 'utf8')
}

async function agentsReady({ agents }: DemoPlan): Promise<void> {
  for (const { name, adminPort } of agents) {
    await until(name, async () => (await fetch(`http://127.0.0.1:${adminPort}/readyz`)).ok)
  }
}

async function until(what: string, isTrue: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 600 && !leaving.signal.aborted; tries++) {
    if (await isTrue().catch(() => false)) return
    await sleep(200)
  }
  throw new Error(
    `${what} did not get ready; see the logs in ${path.relative(process.cwd(), plan.folder)}/logs`,
  )
}

function welcome({ controlPlane, agents, services }: DemoPlan, link: string): void {
  const agentUrl = `http://127.0.0.1:${agents[0]?.port}`
  const crossfade = 'node_modules/.bin/node packages/cli/src/main.ts'
  const tokenFile = path.relative(process.cwd(), path.join(agents[0]?.stateDir ?? '', 'admin-token'))
  console.log(`
Crossfade is running.

  Dashboard       ${controlPlane.url}
  Sign in once    ${link}

  Ask as one reader, again and again, while you drag the slider of chapter-details:
    for i in $(seq 20); do curl -s -H "cookie: uid=reader-$i" "${agentUrl}/v2/content_api/book.get_chapter_details?id=3"; echo; done

  Break the new service, and mend it (or use the buttons on http://127.0.0.1:${services.new}/):
    curl -X PUT http://127.0.0.1:${services.new}/mood/failing
    curl -X PUT http://127.0.0.1:${services.new}/mood/well

  Take the control plane away for a minute; agents go on, and you can still roll back on one:
    kill -9 ${processes.pid('control-plane')}
    ${crossfade} rollback chapter-details --agent http://127.0.0.1:${agents[0]?.adminPort} --agent-token "$(cat ${tokenFile})"

  Stop with Ctrl-C; the next start finds its data again. \`npm run demo:reset\` starts over.
`)
}
