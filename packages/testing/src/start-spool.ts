import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import {
  copyPostgresTemplate,
  type Detour,
  freePort,
  isPortFree,
  launch,
  launchSettings,
  type Output,
  type Plan,
  type Ports,
  postgresPrograms,
  serversFolder,
  spoolPlan,
} from '@spool/dev'
import { asShipped } from './as-shipped.ts'
import { scratchOfThisProcess } from './scratch.ts'
import { startedScript } from './started-script.ts'

export interface StartSpoolOptions {
  /** How many copies of a service; one of each by default. */
  copies?: Readonly<Record<string, number>>
  /** More environment, as for `npm start`. */
  env?: Readonly<Record<string, string>>
  detour?: Detour
  /** A NATS of the test's own. */
  nats?: { readonly url: string }
  /** However often it was killed, a process is started again after so long; 15 s by default. */
  longestRestartDelayMs?: number
  /** A Postgres of the test's own. */
  postgres?: { readonly url: string }
}

/** All of Spool as `npm start` runs it, on free ports and with data of its own. The services must be built. */
export interface SpoolUnderTest {
  /** Of the first gateway. */
  readonly url: string
  /** Of every gateway. */
  readonly urls: readonly string[]
  /** The API key of the tenant `default`. */
  readonly key: string
  readonly ports: Ports
  readonly dataFolder: string
  /** The process id of each copy that runs. */
  pids(service: string): number[]
  /** Of one copy of a service, of `nats` or of `postgres`; throws when it does not run at the moment. */
  pidOf(name: string, copy?: number): number
  /** Default SIGKILL. What dies is started again, as under `npm start`. */
  kill(name: string, copy?: number, signal?: NodeJS.Signals): void
  /** Every gateway says that all of Spool can be used. */
  waitReady(): Promise<void>
  /** What launcher and services have written so far. */
  logs(): string
  /** Ends everything and deletes the data. */
  stop(): Promise<void>
}

let folders = 0

export async function startSpool(options: StartSpoolOptions = {}): Promise<SpoolUnderTest> {
  const copies = options.copies ?? {}
  const dataFolder = join(scratchOfThisProcess().folder, `spool-${++folders}`)
  const settings = {
    ...launchSettings({
      ...process.env,
      PORT: String(await freeRange(copies['gateway'] ?? 1)),
      SPOOL_DATA: dataFolder,
      SPOOL_COPIES: Object.entries(copies)
        .map((copy) => copy.join('='))
        .join(','),
      // A test does not wait for answers that nobody reads any more.
      SPOOL_DRAIN_MS: '1000',
      NATS_URL: options.nats?.url,
      DATABASE_URL: options.postgres?.url,
      ...options.env,
    }),
    longestRestartDelayMs: options.longestRestartDelayMs,
    detour: options.detour,
  }
  if (!asShipped() && settings.databaseUrl === undefined) await setUpDatabase(dataFolder)
  const log: string[] = []
  const spool = await launch(settings, await startedPlan(), rememberingOutput(log)).catch((error) => {
    throw new Error(`Spool did not start.\n${log.join('\n')}`, { cause: error })
  })
  const pidOf = (name: string, copy = 1) => {
    const pid = spool.pidOf(nameOf(name, copy))
    if (pid === undefined) throw new Error(`${nameOf(name, copy)} does not run at the moment.`)
    return pid
  }
  return {
    url: spool.url,
    urls: spool.urls,
    key: spool.key,
    ports: spool.ports,
    dataFolder,
    pidOf,
    pids: (service) =>
      Array.from({ length: copies[service] ?? 1 }, (_, index) => spool.pidOf(nameOf(service, index + 1))).filter(
        (pid) => pid !== undefined,
      ),
    kill: (name, copy = 1, signal = 'SIGKILL') => void process.kill(pidOf(name, copy), signal),
    waitReady: () => spool.waitUntilReady(),
    logs: () => log.join('\n'),
    async stop() {
      await spool.stop()
      const refused = violations(dataFolder)
      rmSync(dataFolder, { recursive: true, force: true })
      if (refused.length > 0) throw new Error(`NATS kept from a service what it needs.\n${refused.join('\n')}`)
    },
  }
}

/** Each service is a user of its own, so every test shows that it lacks nothing. */
function violations(dataFolder: string): string[] {
  const log = join(dataFolder, 'log', 'nats.log')
  if (!existsSync(log)) return []
  return readFileSync(log, 'utf8')
    .split('\n')
    .filter((line) => line.includes(' Violation - '))
}

/** What the first start would do, copied. */
async function setUpDatabase(dataFolder: string): Promise<void> {
  mkdirSync(dataFolder, { recursive: true })
  const { path, user } = serversFolder(dataFolder)
  await copyPostgresTemplate(await postgresPrograms(user), join(path, 'postgres'), user, 'usual')
}

async function startedPlan(): Promise<Plan> {
  const services = spoolPlan.services.map(async (service) => ({
    ...service,
    script: await startedScript(service.script),
  }))
  return { ...spoolPlan, migrate: await startedScript(spoolPlan.migrate!), services: await Promise.all(services) }
}

/** The name a process goes by in the run folder: there is one NATS and one Postgres. */
const nameOf = (name: string, copy: number) => (['nats', 'postgres'].includes(name) ? name : `${name}-${copy}`)

/** The first of so many ports in a row that are free. */
async function freeRange(count: number): Promise<number> {
  while (true) {
    const first = await freePort()
    const rest = await Promise.all(Array.from({ length: count - 1 }, (_, index) => isPortFree(first + index + 1)))
    if (rest.every(Boolean)) return first
  }
}

function rememberingOutput(log: string[]): Output {
  return {
    say: (line) => log.push(line),
    done: (what) => log.push(what),
    warn: (line) => log.push(line),
    fail: (message) => log.push(message),
    line: (process, line) => log.push(`${process} ${line}`),
    ready: () => log.push('ready'),
  }
}
