import { Child } from '../processes/child.ts'
import type { LaunchContext } from './launch-context.ts'
import { LaunchProblem } from './launch-problem.ts'

/** Runs a script of ours to its end. */
export async function runScript(
  context: LaunchContext,
  what: string,
  script: string,
  { cwd, env }: { cwd: string; env: NodeJS.ProcessEnv },
): Promise<void> {
  const since = performance.now()
  const child = await Child.start({ command: process.execPath, args: [script], cwd, env, reaper: context.reaper })
  const { code, signal } = await child.exited
  if (code !== 0) throw new LaunchProblem(`${what}: it did not work (${signal ?? `code ${code}`}).\n${child.lastLines}`)
  context.output.done(what, performance.now() - since)
}
