import { spawn } from 'node:child_process'

/** Runs a command with this process's output and answers its exit code. */
export function run(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: 'inherit', env })
    child.on('error', reject)
    child.on('exit', (code) => resolve(code ?? 1))
  })
}

/** Where a tool of the workspace lies; its shim finds the Node that the workspace brings. */
export const bin = (name: string): string => `node_modules/.bin/${name}`
