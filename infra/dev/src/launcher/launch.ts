import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { SpoolConfig } from '@spool/config'
import { serversFolder } from '../folders/servers-folder.ts'
import type { Output } from '../output/output.ts'
import { endLeftovers } from '../run-folder/end-leftovers.ts'
import { lockRunFolder } from '../run-folder/launcher-lock.ts'
import { RunFolder } from '../run-folder/run-folder.ts'
import { prepareDataFolder } from './data-folder.ts'
import { devKey } from './dev-key.ts'
import { gatewayPorts } from './gateway-ports.ts'
import { LaunchCalledOff } from './launch-called-off.ts'
import { LaunchContext } from './launch-context.ts'
import { modelsLine } from './models-line.ts'
import { type Plan, requireScripts } from './plan.ts'
import type { Ports } from './ports.ts'
import type { LaunchSettings } from './settings.ts'
import { startServers } from './start-servers.ts'
import { copiesOf, startServices } from './start-services.ts'
import { closingMs, killServices, stopInOrder } from './stop-in-order.ts'
import { waitUntilReady } from './wait-until-ready.ts'

/** All of Spool, running. */
export interface RunningSpool {
  /** Of the first gateway. */
  readonly url: string
  /** Of every gateway. */
  readonly urls: readonly string[]
  readonly key: string
  readonly dataFolder: string
  readonly ports: Ports
  /** Of `gateway-1`, `nats`, …; undefined while it does not run. */
  pidOf(process: string): number | undefined
  /** Every gateway says that all of Spool can be used. */
  waitUntilReady(): Promise<void>
  /** Ends the copies of a service so that they are started again. */
  restart(service: string): void
  /** Says which models, agents and tools there are from now on, and restarts the services that read them. */
  useConfig(config: SpoolConfig): void
  /** Ends everything, in order. */
  stop(): Promise<void>
  /** Makes a `stop` that is under way kill what it still waits for. */
  hurry(): void
}

const readyWithinMs = 60_000
const preparationEndsMs = 2_000

/** Brings everything up, in order and as much at a time as the order allows. `signal` calls it off until it is ready. */
export async function launch(
  settings: LaunchSettings,
  plan: Plan,
  output: Output,
  { signal }: { signal?: AbortSignal } = {},
): Promise<RunningSpool> {
  const since = performance.now()
  requireScripts(plan)
  prepareDataFolder(settings.dataFolder)
  const runPath = join(settings.dataFolder, 'run')
  mkdirSync(runPath, { recursive: true })
  const lock = lockRunFolder(runPath)
  const context = new LaunchContext(settings, output, new RunFolder(runPath))
  let stopped: Promise<void> | undefined
  const stop = () => (stopped ??= end(context, plan, lock))
  try {
    const spool = await unlessCalledOff(bringUp(context, plan, since), signal)
    return { ...spool, stop, hurry: () => killServices(context) }
  } catch (error) {
    // Nothing that was begun is worth waiting for.
    killServices(context)
    await stop()
    await context.besideEnded(preparationEndsMs)
    throw error
  }
}

async function bringUp(
  context: LaunchContext,
  plan: Plan,
  since: number,
): Promise<Omit<RunningSpool, 'stop' | 'hurry'>> {
  const { settings, output, runFolder } = context
  const leftovers = await endLeftovers(runFolder)
  if (leftovers.length > 0) output.warn(`ended what an earlier start had left running: ${leftovers.join(', ')}`)
  const gateway = plan.services.find(({ isGateway }) => isGateway)
  const httpPorts = await gatewayPorts(settings.host, settings.port, gateway ? copiesOf(gateway, settings) : 0)
  const key = devKey(settings.dataFolder, settings.devKey)
  const needsFolder = settings.natsUrl === undefined || settings.databaseUrl === undefined
  const folder = needsFolder ? serversFolder(settings.dataFolder) : undefined
  const { servers, readerUrl, ports } = await startServers(context, plan, folder, key)

  const servicesSince = performance.now()
  const count = await startServices(context, plan, servers, httpPorts, ports)
  runFolder.writePorts(ports)
  const urls = httpPorts.map((port) => `http://${reachableHost(settings.host)}:${port}`)
  runFolder.writeConnections({ url: urls[0], key, ...servers, readerUrl, shards: settings.shards })
  const ready = () => waitUntilReady(urls, readyWithinMs)
  await ready()
  output.done(`${count} services are ready`, performance.now() - servicesSince)

  const url = urls[0] ?? ''
  const { dataFolder } = settings
  const elsewhere = folder && !folder.path.startsWith(dataFolder) ? folder.path : undefined
  const models = modelsLine(settings.config.models)
  output.ready({ url, key, dataFolder, serversFolder: elsewhere, models, durationMs: performance.now() - since })
  const open = settings.env['SPOOL_OPEN_TENANT']?.trim()
  if (open) output.warn(`WITHOUT A KEY everybody who reaches it acts as the tenant "${open}" (SPOOL_OPEN_TENANT)`)
  const restart = (service: string) => {
    for (const copy of context.supervised.values())
      if (copy.name.replace(/-\d+$/, '') === service) copy.restart(settings.drainMs + closingMs)
  }
  return {
    url,
    urls,
    key,
    dataFolder,
    ports,
    pidOf: (process) => context.supervised.get(process)?.pid,
    waitUntilReady: ready,
    restart,
    useConfig(found) {
      context.settings = { ...context.settings, config: found }
      for (const service of plan.services) if (service.models) restart(service.name)
    },
  }
}

function unlessCalledOff<Result>(work: Promise<Result>, signal: AbortSignal | undefined): Promise<Result> {
  return new Promise((resolve, reject) => {
    signal?.addEventListener('abort', () => reject(new LaunchCalledOff()))
    if (signal?.aborted) reject(new LaunchCalledOff())
    work.then(resolve, reject)
  })
}

async function end(context: LaunchContext, plan: Plan, lock: { release(): void }): Promise<void> {
  await stopInOrder(context, plan)
  context.runFolder.removePorts()
  context.closeLogs()
  lock.release()
}

function reachableHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1'
  return host.includes(':') ? `[${host}]` : host
}
