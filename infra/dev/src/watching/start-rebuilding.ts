import { watch } from 'node:fs'
import { join } from 'node:path'
import type { RunningSpool } from '../launcher/launch.ts'
import type { Plan } from '../launcher/plan.ts'
import type { Output } from '../output/output.ts'
import { Child } from '../processes/child.ts'
import { Reaper } from '../processes/reaper.ts'
import { packageFolders } from './workspace-packages.ts'

/** A build writes many files; the restart waits until it has been quiet for this long. */
const quietMs = 200

/** `npm run dev`: the compiler runs along, and a service of which something was built again is restarted. */
export async function startRebuilding(plan: Plan, spool: Pick<RunningSpool, 'restart'>, output: Output): Promise<void> {
  restartWhenBuilt(plan, spool, output)
  await Child.start({
    command: join(plan.root, 'node_modules/.bin/tsc'),
    args: ['-b', '--watch', '--preserveWatchOutput'],
    cwd: plan.root,
    reaper: new Reaper(),
    onLine: (line) => /error TS|Found [1-9]/.test(line) && output.warn(line),
  })
  output.say('watching: what you save is built, and what was built is restarted')
}

/** Watches the folders that builds are written to. */
export function restartWhenBuilt(plan: Plan, spool: Pick<RunningSpool, 'restart'>, output: Output): void {
  const madeOf = new Map(
    plan.services.map(({ name, script }) => [name, packageFolders(plan.root, serviceFolder(script))]),
  )
  const changed = new Set<string>()
  let quiet: NodeJS.Timeout | undefined
  const restartChanged = () => {
    for (const [service, folders] of madeOf) {
      if (![...folders].some((folder) => changed.has(folder))) continue
      output.say(`${service} was built again; restarting it`)
      spool.restart(service)
    }
    changed.clear()
  }
  for (const folder of new Set([...madeOf.values()].flatMap((folders) => [...folders]))) {
    watch(join(plan.root, folder, 'dist'), { recursive: true }, (_, file) => {
      if (!file?.endsWith('.js')) return
      changed.add(folder)
      clearTimeout(quiet)
      quiet = setTimeout(restartChanged, quietMs)
    })
  }
}

/** `services/gateway/dist/main.js` is built in `services/gateway`. */
const serviceFolder = (script: string) => script.replace(/\/dist\/.*$/, '')
