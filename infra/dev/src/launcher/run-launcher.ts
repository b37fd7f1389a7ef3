import { check } from '../checking/check.ts'
import type { Output } from '../output/output.ts'
import { develop } from '../watching/develop.ts'
import { readArguments } from './arguments.ts'
import { launch, type RunningSpool } from './launch.ts'
import { LaunchCalledOff } from './launch-called-off.ts'
import type { Plan } from './plan.ts'
import { type LaunchSettings, launchSettings } from './settings.ts'
import { onStopRequests } from './stop-requests.ts'

/** While code changes by the minute, nobody wants to wait for half an answer to end. */
const drainWhileDevelopingMs = 500

/** The launcher as a program: reads its arguments and environment, runs until it is told to stop, and exits. */
export async function runLauncher(plan: Plan): Promise<void> {
  const { checkOnly, watch, output } = readArguments()
  try {
    const settings = launchSettings()
    if (checkOnly) {
      process.exitCode = (await check(settings, plan, output)) ? 0 : 1
      return
    }
    const spool = await untilStopped(watch ? { ...settings, drainMs: drainWhileDevelopingMs } : settings, plan, output)
    if (watch) develop(plan, settings.env, spool, output)
  } catch (error) {
    if (error instanceof LaunchCalledOff) process.exit(0)
    output.fail(error instanceof Error ? error.message : String(error))
    process.exit(1)
  }
}

async function untilStopped(settings: LaunchSettings, plan: Plan, output: Output): Promise<RunningSpool> {
  const calledOff = new AbortController()
  let spool: RunningSpool | undefined
  onStopRequests({
    stop: async () => {
      output.say('stopping')
      calledOff.abort()
      if (spool === undefined) return
      await spool.stop()
      process.exit(0)
    },
    hurry: () => spool?.hurry(),
  })
  spool = await launch(settings, plan, output, { signal: calledOff.signal })
  return spool
}
