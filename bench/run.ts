import { decideBench } from './src/decide.ts'
import { judgeBench } from './src/judge.ts'
import { machine } from './src/machine.ts'
import { proxyBench } from './src/proxy.ts'
import { sliderBench } from './src/slider.ts'

/** `--against=COMMIT` also measures the agent of that commit. */
const isAgainst = (word: string) => word.startsWith('--against=')
const against = process.argv.find(isAgainst)?.split('=')[1] ?? null

const benches: Readonly<Record<string, () => string | Promise<string>>> = {
  decide: decideBench,
  judge: judgeBench,
  proxy: () => proxyBench(4, against),
  slider: sliderBench,
}

/** `npm run bench -- [name…] [--against=COMMIT]`: prints tables as they stand in bench/README.md. */
const wanted = process.argv.slice(2).filter((word) => !isAgainst(word))
const names = wanted.length > 0 ? wanted : Object.keys(benches)
console.log(`On ${machine()}:\n`)
for (const name of names) {
  const bench = benches[name]
  if (bench === undefined)
    throw new Error(`There is no bench ${name}; there are ${Object.keys(benches).join(', ')}`)
  console.log(`${await bench()}\n`)
}
process.exit(0)
