import { appendFileSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import {
  type RunningNatsCluster,
  type SpoolUnderTest,
  natsBinaries,
  startNatsCluster,
  startSpool,
} from '@spool/testing'
import { logStreams, natsAccounts } from '../../infra/dev/src/nats/nats-accounts.ts'
import { OPERATOR, READER, SERVICES } from '../../infra/dev/src/nats/nats-table.ts'
import { sharedNatsConfig } from '../../infra/dev/src/nats/shared-nats-config.ts'
import type { ReportedUsage } from '@spool/events'
import { writeAgentsFile } from '../e2e/support/agents-file.ts'
import { OutsideWorld } from '../e2e/support/outside-world.ts'
import { type ChaosProvider, startChaosProvider } from './chaos-provider.ts'
import { MORE_AGENTS } from './playing/kinds.ts'
import { KEEP_ALIVE_MS } from './playing/playing.ts'
import { COPIES, type Profile } from './profile.ts'
import { Wires } from './wires.ts'

/** All of Spool with two copies of each service, and everything between them in our hands. */
export interface ChaosSystem {
  /** Of every gateway, as clients reach it. */
  readonly urls: readonly string[]
  readonly key: string
  readonly spool: SpoolUnderTest
  /** Past all wires, and as the operator. */
  readonly natsUrl: string
  readonly databaseUrl: string
  readonly world: OutsideWorld
  readonly provider: ChaosProvider
  /** What the provider reported, by the id of its response. */
  readonly reported: ReadonlyMap<string, ReportedUsage>
  readonly wires: Wires
  readonly cluster: RunningNatsCluster | undefined
  stop(): Promise<void>
}

export async function startChaosSystem(profile: Profile): Promise<ChaosSystem> {
  const started: (() => unknown)[] = []
  const stop = async () => {
    for (const end of started.splice(0).toReversed()) await end()
  }
  try {
    const world = await OutsideWorld.start()
    started.push(() => world.stop())
    const provider = await startChaosProvider()
    started.push(() => provider.stop())
    const file = writeAgentsFile(world.url, 100, MORE_AGENTS)
    started.push(() => rmSync(file.folder, { recursive: true }))
    appendFileSync(file.env['SPOOL_CONFIG']!, `${provider.config}\n`)
    const cluster = profile === 'cluster' ? await startCluster() : undefined
    if (cluster) started.push(() => cluster.stop())
    const wires = new Wires((instance) => instance.replace(/-\d+$/, ''))
    started.push(() => wires.stop())
    const spool = await startSpool({
      env: { ...file.env, SPOOL_KEEP_ALIVE_MS: String(KEEP_ALIVE_MS), ...(cluster && { SPOOL_REPLICAS: '3' }) },
      copies: Object.fromEntries(SERVICES.map((name) => [name, COPIES])),
      longestRestartDelayMs: 1000,
      detour: wires.detour,
      ...(cluster && { nats: { url: cluster.url } }),
    })
    started.push(() => spool.stop())
    const { urls, key } = spool
    return {
      urls,
      key,
      spool,
      ...connectionsOf(spool),
      world,
      provider,
      reported: provider.reported,
      wires,
      cluster,
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

function connectionsOf(spool: SpoolUnderTest): { natsUrl: string; databaseUrl: string } {
  const { natsUrl, databaseUrl } = JSON.parse(readFileSync(join(spool.dataFolder, 'run/connections.json'), 'utf8'))
  return { natsUrl, databaseUrl }
}

/** Of the newest server at hand, as clusters need one; with the same accounts as a server that the launcher starts. */
async function startCluster(): Promise<RunningNatsCluster> {
  const passwords = Object.fromEntries([...SERVICES, OPERATOR, READER].map((user) => [user, user])) as Parameters<
    typeof natsAccounts
  >[1]
  const config = [sharedNatsConfig(), natsAccounts(logStreams(1), passwords), `no_auth_user: ${OPERATOR}`].join('\n')
  // Whoever were told where the others are would go there past the wires.
  return startNatsCluster({ binary: (await natsBinaries()).newest, config, isAdvertised: false })
}
