import { everywhere } from '@crossfade/contracts/roles'
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { apiTokenCreatedSchema } from '@crossfade/contracts/api/people'
import { findPostgres, startPostgres, type TestPostgres } from '@crossfade/testkit/postgres'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { databaseEnv, hasPostgres } from './harness/database.ts'
import { adminToken } from './harness/house.ts'
import { startProgram, until } from './harness/program.ts'
import { openScene, restartControlPlane, type Scene } from './harness/scene.ts'

const cli = path.join(fileURLToPath(new URL('../..', import.meta.url)), 'packages/cli/src/main.ts')
const run = promisify(execFile)
const canRun = hasPostgres('the tests of tampering')

let postgres: TestPostgres
let scene: Scene
let env: Record<string, string>
let databaseUrl: string
let token: string

beforeEach(async () => {
  if (!canRun) return
  postgres = await startPostgres()
  databaseUrl = await postgres.createDatabase('crossfade')
  env = databaseEnv(databaseUrl)
  scene = await openScene({ env, agents: ['one'] })
  for (let percent = 1; percent <= 20; percent++) await scene.call.share(scene.mapping.id, percent)
  // Beforehand, so that verifying writes nothing.
  const body = { name: 'auditor', access: everywhere('viewer') }
  const made = scene.controlPlane.api.call('POST', '/api/v1/tokens', apiTokenCreatedSchema, { body })
  ;({ token } = await made)
})

afterEach(async () => {
  if (!canRun) return
  await scene.close()
  await postgres.remove()
})

/** As the database's owner, whom no trigger of ours stops. Answers the last statement's rows. */
async function asOwner(...statements: readonly string[]): Promise<string> {
  const args = statements.flatMap((statement) => ['-c', statement])
  const psql = path.join(findPostgres() ?? '', 'psql')
  const { stdout } = await run(psql, ['-d', databaseUrl, '-v', 'ON_ERROR_STOP=1', '-qAt', ...args])
  return stdout
}

const tamper = (...statements: readonly string[]) =>
  asOwner(
    'ALTER TABLE "Change" DISABLE TRIGGER USER',
    ...statements,
    'ALTER TABLE "Change" ENABLE ALWAYS TRIGGER "Change_stays"',
    'ALTER TABLE "Change" ENABLE ALWAYS TRIGGER "Change_remains"',
  )

async function verify(...args: string[]): Promise<{ code: number; output: string }> {
  const program = startProgram('crossfade', [cli, 'audit', 'verify', ...args], {
    CROSSFADE_URL: scene.controlPlane.url,
    CROSSFADE_TOKEN: token,
    CROSSFADE_ADMIN_TOKEN: adminToken,
    XDG_CONFIG_HOME: scene.house.folder,
  })
  return { code: await program.ended, output: program.output().trim() }
}

const askTheAgent = () => ['--agent', scene.agents[0]?.adminUrl ?? '']
const lastSeq = async () => (await scene.call.changes())[0]?.seq ?? 0

/** Waits until the agent has seen at least this row. */
async function witnessed(seq: number): Promise<void> {
  const url = `${scene.agents[0]?.adminUrl}/audit-checkpoint`
  await until(
    `row ${seq} seen by the agent`,
    async () => {
      const answer = await fetch(url, { headers: { authorization: `Bearer ${adminToken}` } })
      const { checkpoint } = (await answer.json()) as { checkpoint: string | null }
      return checkpoint !== null && (JSON.parse(checkpoint) as { seq: number }).seq >= seq
    },
    40_000,
  )
}

describe.skipIf(!canRun)('the audit trail, in the hands of the owner of the database', () => {
  it('is intact before anybody touches it, and an agent has seen its end', async () => {
    await witnessed(await lastSeq())
    const { code, output } = await verify(...askTheAgent())
    expect(output).toMatch(/intact: \d+ rows up to \d+, \d+ witnesses agree/)
    expect(code).toBe(0)
  })

  it.each([
    ['a row updated', [`UPDATE "Change" SET after = '{"percent": 1}' WHERE seq = 9`], 9, 'altered'],
    ['a row deleted from the middle', ['DELETE FROM "Change" WHERE seq = 9'], 9, 'missing'],
    [
      'two rows swapped',
      [
        'UPDATE "Change" SET seq = 100009 WHERE seq = 9',
        'UPDATE "Change" SET seq = 9 WHERE seq = 12',
        'UPDATE "Change" SET seq = 12 WHERE seq = 100009',
      ],
      9,
      'reordered',
    ],
    [
      'a row inserted',
      [
        `INSERT INTO "Change" (seq, "actorKind", "actorId", "actorName", act, "objectKind", "objectId", "objectName", source)
         SELECT max(seq) + 1, 'user', 'x', 'Mallory', 'x', 'x', 'x', 'x', 'api' FROM "Change"`,
      ],
      null,
      'inserted',
    ],
  ])('AUD-01: %s is named', async (_what, statements, seq, kind) => {
    const expected = seq ?? (await lastSeq()) + 1
    await tamper(...statements)
    const { code, output } = await verify()
    expect(output).toContain(`Row ${expected} is ${kind}`)
    expect(code).toBe(1)
  })

  it('AUD-02: the last ten rows deleted, and the head set back, is known from what an agent saw', async () => {
    const last = await lastSeq()
    await witnessed(last)
    await scene.controlPlane.program.kill('SIGKILL')
    await tamper(
      `DELETE FROM "Change" WHERE seq > ${last - 10}`,
      `UPDATE "AuditHead" SET seq = ${last - 10}, mac = (SELECT mac FROM "Change" WHERE seq = ${last - 10})`,
    )
    await restartControlPlane(scene, env)
    const { code, output } = await verify(...askTheAgent())
    // Starting is a change of its own, sealed behind what is left.
    expect(output).toContain(`Row ${last - 8} is truncated: The trail ended with row ${last} once`)
    expect(code).toBe(1)
    await until('the alarm', async () => scene.controlPlane.program.output().includes('that agent one saw'))
  })

  it('AUD-03: the chain rewritten from a row on, with hashes of somebody else, is named from that row', async () => {
    await tamper(...(await rewriteFrom(9)))
    const { code, output } = await verify()
    expect(output).toContain('Row 9 is rewritten')
    expect(code).toBe(1)
  })
})

/** What somebody without our key can do: plain SHA-256 in the same shape, all consistent. */
async function rewriteFrom(first: number): Promise<string[]> {
  const stored = await asOwner(`SELECT json_agg(r ORDER BY seq) FROM "Change" r`)
  const rows = JSON.parse(stored) as { seq: number; canonical: string; mac: string }[]
  let before = rows.find(({ seq }) => seq === first - 1)?.mac ?? ''
  const statements = rows
    .filter(({ seq }) => seq >= first)
    .map(({ seq, canonical }) => {
      const text = canonical.replaceAll('Control plane', 'Nobody')
      const position = Buffer.alloc(8)
      position.writeBigUInt64BE(BigInt(seq))
      const bytes = Buffer.concat([Buffer.from(before, 'hex'), position, Buffer.from(text)])
      before = createHash('sha256').update(bytes).digest('hex')
      return `UPDATE "Change" SET canonical = '${text.replaceAll("'", "''")}', mac = '${before}' WHERE seq = ${seq}`
    })
  return [...statements, `UPDATE "AuditHead" SET mac = '${before}'`]
}
