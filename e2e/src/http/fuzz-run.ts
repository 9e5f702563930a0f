import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { aService, aSnapshot } from '@crossfade/testkit/builders'
import { agentTokenFor, signedSnapshotFile } from '@crossfade/testkit/signed-snapshot'
import { openHouse, type Agent } from '../harness/house.ts'
import { playScript } from './raw-exchange.ts'
import { answerSeeds, cutInputs, manyAtATime, requestInput } from './fuzz.ts'
import { rudeAnswer, rudeAnswers, tryRudeAnswer } from './fuzz-answers.ts'
import type { Input } from './fuzz-mutations.ts'
import { fuzzOrigin, type FuzzOrigin } from './fuzz-origin.ts'
import { tryInput } from './fuzz-requests.ts'
import { oldMemoryOf } from './scene.ts'

export interface FuzzPlan {
  readonly seed: number
  readonly requests: number
  /** Cases cut at every n-th byte. */
  readonly cutEvery: number
  readonly answers: number
}

const WIDTH = 64
const BATCH = 2_000
const MOST_TRIES = 6

/** Runs a plan against a built agent. Throws at the first thing wrong, with what is needed to see it again. */
export async function fuzz(plan: FuzzPlan): Promise<{ readonly inputs: number; readonly grownMb: number }> {
  console.log(`fuzz: seed ${plan.seed}, ${plan.requests} requests, ${plan.answers} answers`)
  const house = await openHouse()
  const origin = await fuzzOrigin(rudeAnswers(answerSeeds, plan.seed))
  let said = () => ''
  try {
    const agent = await startAgent(house, origin)
    said = () => agent.program.output()
    const port = Number(new URL(agent.url).port)
    const cut = [...cutInputs(plan.cutEvery)]
    const inputAt = (index: number): Input => cut[index] ?? requestInput(plan.seed, index)
    const requests = plan.requests + cut.length
    const first = Math.min(requests, BATCH)
    await batch(port, plan, 0, first, inputAt, (input, i) => tryInput(port, origin, input, i))
    const before = await oldMemoryOf(agent)
    await batch(port, plan, first, requests, inputAt, (input, i) => tryInput(port, origin, input, i))
    const rude = (i: number): Input => rudeAnswer(answerSeeds, plan.seed, i).pieces
    const rudely = (_: Input, i: number) => tryRudeAnswer(port, origin, i)
    await batch(port, plan, requests, requests + plan.answers, rude, rudely, 'must repeat')
    const inputs = requests + plan.answers
    if (origin.received() < inputs / 4)
      throw new Error(`Of ${inputs} inputs only ${origin.received()} got through`)
    return { inputs, grownMb: (await oldMemoryOf(agent)) - before }
  } catch (error) {
    throw new Error(`${(error as Error).message}\n${said().slice(-2_000)}`, { cause: error })
  } finally {
    await house.close()
    await origin.close()
  }
}

/**
 * Inputs a batch at a time. What goes wrong `must repeat` where chance may play a part: an answer too many that the
 * kernel delivers apart from the one before it, when its connection already carries the next request, is that
 * request's answer for every proxy there is (RFC 9112 section 9.3). An agent out of step does it
 * every time.
 */
async function batch(
  port: number,
  plan: FuzzPlan,
  from: number,
  to: number,
  inputAt: (index: number) => Input,
  attempt: (input: Input, index: number) => Promise<string | null>,
  repeats: 'at once' | 'must repeat' = 'at once',
): Promise<void> {
  const mostTries = repeats === 'must repeat' ? MOST_TRIES : 1
  for (let start = from; start < to; start += BATCH) {
    const tryAll = () =>
      manyAtATime(Math.min(BATCH, to - start), WIDTH, (i) => attempt(inputAt(start + i), start + i))
    let found = await tryAll()
    for (let tries = 1; found !== null && tries < mostTries; tries++) {
      console.warn(`seed ${plan.seed}, input ${start + found.index}: ${found.wrong}; trying its batch again`)
      found = await tryAll()
    }
    if (found !== null) {
      const index = start + found.index
      throw new Error(`seed ${plan.seed}, input ${index}: ${found.wrong}\n${JSON.stringify(inputAt(index))}`)
    }
    await checkCanary(port)
  }
}

/** A stranger still gets an answer of their own. */
async function checkCanary(port: number): Promise<void> {
  const heard = await playScript(port, ['GET /canary HTTP/1.1\r\nHost: t\r\n\r\n'], {
    answers: 1,
    close: false,
    withinMs: 10_000,
  })
  const body = heard.answers[0]?.body
  if (body !== 'path=/canary len=0 from=127.0.0.1')
    throw new Error(`The canary got ${JSON.stringify(heard.text)}`)
}

async function startAgent(house: Awaited<ReturnType<typeof openHouse>>, origin: FuzzOrigin): Promise<Agent> {
  const timeouts = { connectMs: 2_000, firstByteMs: 700, idleMs: 700 }
  const services = ['legacy-books', 'new-books'].map((id) =>
    aService({ id, name: id, instances: [`http://127.0.0.1:${origin.port}`], timeouts }),
  )
  const { file, signer } = signedSnapshotFile(aSnapshot({ services, mappings: [] }))
  const bootstrap = path.join(house.folder, 'bootstrap.json')
  await writeFile(bootstrap, JSON.stringify(file))
  return house.startAgent('fuzzed', {
    CROSSFADE_CONTROL_URL: 'http://127.0.0.1:9',
    CROSSFADE_AGENT_TOKEN: agentTokenFor({ signer }),
    CROSSFADE_BOOTSTRAP: bootstrap,
    // A starved test machine is no overload.
    CROSSFADE_OVERLOAD_LOOP_DELAY: '0',
  })
}
