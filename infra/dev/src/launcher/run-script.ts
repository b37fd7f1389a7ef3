import { Child } from '../processes/child.ts'
import type { LaunchContext } from './launch-context.ts'
import { LaunchProblem } from './launch-problem.ts'

/** Runs a script of ours to its end. Returns the last that it wrote. */
export async function runScript(
  context: LaunchContext,
  what: string,
  script: string,
  { cwd, env }: { cwd: string; env: NodeJS.ProcessEnv },
): Promise<string> {
  const since = performance.now()
  const child = await Child.start({ command: process.execPath, args: [script], cwd, env, reaper: context.reaper })
  const giveUp = () => child.signal('SIGKILL')
  context.closing.addEventListener('abort', giveUp)
  if (context.closing.aborted) giveUp()
  const { code, signal } = await child.exited
  context.closing.removeEventListener('abort', giveUp)
  if (code !== 0) throw new LaunchProblem(`${what}: it did not work (${signal ?? `code ${code}`}).\n${child.lastLines}`)
  context.output.done(what, performance.now() - since)
  return child.lastLines
}
