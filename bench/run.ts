import { decideBench } from './src/decide.ts'
import { machine } from './src/machine.ts'
import { proxyBench } from './src/proxy.ts'
import { sliderBench } from './src/slider.ts'

const benches: Readonly<Record<string, () => string | Promise<string>>> = {
  decide: decideBench,
  proxy: () => proxyBench(8),
  slider: sliderBench,
}

/** `npm run bench [name…]`: prints tables as they stand in bench/README.md. */
const wanted = process.argv.slice(2)
const names = wanted.length > 0 ? wanted : Object.keys(benches)
console.log(`On ${machine()}:\n`)
for (const name of names) {
  const bench = benches[name]
  if (bench === undefined)
    throw new Error(`There is no bench ${name}; there are ${Object.keys(benches).join(', ')}`)
  console.log(`${await bench()}\n`)
}
process.exit(0)
