import { join } from 'node:path'
import { prepareDataFolder } from '../launcher/data-folder.ts'
import { gatewayPorts } from '../launcher/gateway-ports.ts'
import { LaunchProblem } from '../launcher/launch-problem.ts'
import { modelsLine } from '../launcher/models-line.ts'
import { type Plan, requireScripts } from '../launcher/plan.ts'
import type { LaunchSettings } from '../launcher/settings.ts'
import type { Output } from '../output/output.ts'
import { lockHolder } from '../run-folder/launcher-lock.ts'
import { agentsLine } from './check-agents.ts'
import { checkDatabase } from './check-database.ts'
import { checkNats } from './check-nats.ts'
import { checkTools } from './check-tools.ts'

const oldestNode = 24

/** Looks at everything Spool needs, and says of each whether it is there. Gives back whether all of it is. */
export async function check(settings: LaunchSettings, plan: Plan, output: Output): Promise<boolean> {
  const running = lockHolder(join(settings.dataFolder, 'run'))
  const checks: (() => string | Promise<string>)[] = [
    checkNode,
    () => (requireScripts(plan), 'Everything is built'),
    () => `Models: ${modelsLine(settings.config.models)}`,
    () => agentsLine(settings.config),
    () => (prepareDataFolder(settings.dataFolder), `Data folder ${settings.dataFolder}`),
    () => (running ? `Spool is running (process ${running})` : checkPorts(settings)),
    () => checkNats(settings.natsUrl, output),
    () => checkDatabase(settings),
  ]
  let allWell = true
  for (const one of checks) {
    const since = performance.now()
    try {
      output.done(await one(), performance.now() - since)
    } catch (error) {
      output.fail(error instanceof Error ? error.message : String(error))
      allWell = false
    }
  }
  const since = performance.now()
  for (const { kind, text } of await checkTools(settings.config.tools, settings.env, plan.root)) {
    if (kind === 'done') output.done(text, performance.now() - since)
    else output[kind](text)
    allWell &&= kind !== 'fail'
  }
  return allWell
}

function checkNode(): string {
  if (Number(process.versions.node.split('.', 1)[0]) >= oldestNode) return `Node ${process.versions.node}`
  throw new LaunchProblem(
    `Node ${process.versions.node} is too old at run time; Spool brings Node ${oldestNode} when it is installed.`,
  )
}

async function checkPorts({ host, port, copies }: LaunchSettings): Promise<string> {
  const ports = await gatewayPorts(host, port, copies['gateway'] ?? 1)
  return `Port ${ports.join(', ')} on ${host} is free`
}
