import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { INSTALL_STEPS, type InstallStep } from './install-steps.ts'

/**
 * For `node --import`, ahead of an agent that runs from source: each step of putting a configuration in force throws
 * while the file `BROKEN_STEP` holds its name. The agent itself has no switch for that: the modules of the steps are
 * stood in for by others that hand out the same, but for the broken ones.
 */
const ROOT = new URL('../../../', import.meta.url)
const MARK = '?breakable'

registerHooks({
  resolve(specifier, context, next) {
    const found = next(specifier, context)
    const isBreakable = stepsOf(found.url).length > 0 && context.parentURL?.endsWith(MARK) !== true
    return isBreakable ? { ...found, url: found.url + MARK, shortCircuit: true } : found
  },
  load(url, context, next) {
    if (!url.endsWith(MARK)) return next(url, context)
    return { format: 'module', source: standIn(url.slice(0, -MARK.length)), shortCircuit: true }
  },
})

function stepsOf(url: string): InstallStep[] {
  return INSTALL_STEPS.filter(({ module }) => url === new URL(module, ROOT).href)
}

function standIn(url: string): string {
  const names = new Set(stepsOf(url).map((step) => step.export))
  return [
    `import * as real from ${JSON.stringify(url)}`,
    `import { breakable } from ${JSON.stringify(import.meta.url)}`,
    `export * from ${JSON.stringify(url)}`,
    ...[...names].map(
      (name) => `export const ${name} = breakable(real.${name}, ${JSON.stringify(url)}, '${name}')`,
    ),
  ].join('\n')
}

type Fn = (...args: readonly unknown[]) => unknown
type Parts = Record<string, unknown>

/** What a module hands out under this name, with its steps made breakable. */
export function breakable(real: unknown, url: string, name: string): unknown {
  const steps = stepsOf(url).filter((step) => step.export === name)
  const whole = steps.filter(({ method }) => method === undefined)
  if (typeof real !== 'function') return withMethods(real as Parts, steps)
  const make = whole.length > 0 ? withSteps(real as Fn, whole) : (real as Fn)
  return whole.length === steps.length
    ? make
    : (...args: unknown[]) => withMethods(make(...args) as Parts, steps)
}

function withMethods(made: Parts, steps: readonly InstallStep[]): Parts {
  const methods = Map.groupBy(
    steps.filter(({ method }) => method !== undefined),
    ({ method }) => method as string,
  )
  const broken = [...methods].map(([method, own]) => [method, withSteps(made[method] as Fn, own)] as const)
  return { ...made, ...Object.fromEntries(broken) }
}

function withSteps(work: Fn, steps: readonly InstallStep[]): Fn {
  return (...args) => {
    breakIf(steps, false)
    const result = work(...args)
    breakIf(steps, true)
    return result
  }
}

function breakIf(steps: readonly InstallStep[], late: boolean): void {
  const told = readFileSync(process.env['BROKEN_STEP'] ?? '', 'utf8')
  const broken = steps.find((step) => step.name === told && (step.late ?? false) === late)
  if (broken) throw new Error(`Broken on purpose: ${broken.name}`)
}
