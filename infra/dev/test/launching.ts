import { chmodSync, rmSync } from 'node:fs'
import { onTestFinished } from 'vitest'
import { scratchFolder } from '../src/folders/scratch-folder.ts'
import { freePort } from '../src/free-port.ts'
import { launch, type RunningSpool } from '../src/launcher/launch.ts'
import type { Plan } from '../src/launcher/plan.ts'
import { launchSettings } from '../src/launcher/settings.ts'
import type { Output, ReadyFacts } from '../src/output/output.ts'
import { startTimeOf } from '../src/processes/start-time-of.ts'
import { standInPlan } from './stand-ins/plan.ts'

/** A folder that is gone after the test. */
export function folderForTest(): string {
  const folder = scratchFolder('spool-dev-test-')
  chmodSync(folder, 0o755)
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

export interface Heard extends Output {
  readonly lines: string[]
  readonly facts: ReadyFacts[]
}

/** An output that remembers. */
export function hearing(): Heard {
  const lines: string[] = []
  const facts: ReadyFacts[] = []
  return {
    lines,
    facts,
    say: (line) => lines.push(line),
    done: (what) => lines.push(what),
    warn: (line) => lines.push(line),
    fail: (line) => lines.push(line),
    line: (process, line) => lines.push(`${process} ${line}`),
    ready: (found) => facts.push(found),
  }
}

export interface LaunchForTest {
  env?: Record<string, string>
  plan?: Plan
  output?: Output
}

/** Launches stand-ins on a free port; stopped after the test. */
export async function launchForTest({
  env = {},
  plan = standInPlan,
  output = hearing(),
}: LaunchForTest = {}): Promise<RunningSpool> {
  const settings = launchSettings({
    PATH: process.env['PATH'],
    HOME: process.env['HOME'],
    PORT: String(await freePort()),
    SPOOL_CONFIG: 'none',
    SPOOL_DATA: env['SPOOL_DATA'] ?? folderForTest(),
    ...env,
  })
  const spool = await launch(settings, plan, output)
  onTestFinished(() => spool.stop())
  return spool
}

/** Something runs there; the zombie of a process that ended does not count. */
export const isAlive = (pid: number | undefined): boolean => pid !== undefined && startTimeOf(pid) !== undefined
