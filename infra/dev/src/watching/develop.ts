import type { Environment } from '@spool/config'
import type { RunningSpool } from '../launcher/launch.ts'
import type { Plan } from '../launcher/plan.ts'
import type { Output } from '../output/output.ts'
import { Reaper } from '../processes/reaper.ts'
import { buildWhenSaved } from './build-when-saved.ts'
import { restartWhenConfigChanges } from './restart-when-config-changes.ts'
import { restartWhenBuilt } from './restart-when-built.ts'
import { packageFolders } from './workspace-packages.ts'

/** `npm run dev`: what is saved is built, and a service of which anything was built, or that reads it, is restarted. */
export function develop(
  plan: Plan,
  env: Environment,
  spool: Pick<RunningSpool, 'restart' | 'useConfig'>,
  output: Output,
): () => void {
  const madeOf = new Map(
    plan.services.map(({ name, script }) => [name, packageFolders(plan.root, serviceFolder(script))]),
  )
  const packages = new Set([...madeOf.values()].flatMap((folders) => [...folders]))
  const stopBuilding = buildWhenSaved(plan.root, packages, output, new Reaper())
  const stopRestarting = restartWhenBuilt(plan.root, madeOf, spool, output)
  const stopReading = restartWhenConfigChanges(env, spool, output)
  output.say('watching: what you save is built, and what was built is restarted')
  return () => {
    stopBuilding()
    stopRestarting()
    stopReading()
  }
}

/** `services/gateway/dist/main.js` is built in `services/gateway`. */
const serviceFolder = (script: string) => script.replace(/\/dist\/.*$/, '')
