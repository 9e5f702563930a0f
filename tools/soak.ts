import { loadWithFaults, unexplainedIn } from '../e2e/src/load-with-faults.ts'
import { build } from './build.ts'

/**
 * `npm run soak [-- MINUTES]`: load with faults, changes and restarts for an hour at most, and 20 million requests
 * at most. One line every five seconds; ends with 1 when anything was wrong or memory grew.
 */
const minutes = Math.min(60, Math.max(0.1, Number(process.argv[2] ?? 60) || 60))
const seed = Number(process.argv[3] ?? Math.floor(Math.random() * 2 ** 31))

await build()
console.log(`Soaking for ${minutes} minutes with seed ${seed}`)
const report = await loadWithFaults({
  ms: minutes * 60_000,
  requests: 20_000_000,
  seed,
  concurrency: 64,
  onProgress: ({ requests, answered, failed, disturbed, revisions, restarts, wrong }) =>
    console.log(
      `${requests} requests, ${answered} answered, ${failed} failed, ${disturbed} disturbed by a restart, ${revisions} revisions, ${restarts} restarts, ${wrong.length} wrong`,
    ),
})
console.log(JSON.stringify(report, null, 2))
const { warm, end } = report.memory
const grew = end.heap > warm.heap + 20 || end.resident > warm.resident + 100
const isFine = report.wrong.length === 0 && !grew && unexplainedIn(report) <= report.requests / 100
console.log(isFine ? 'Nothing was wrong' : `Something was wrong; seed ${seed}`)
process.exit(isFine ? 0 : 1)
