import { randomBytes } from 'node:crypto'
import { freePort } from '@spool/dev'
import { clusterFormed } from './cluster-formed.ts'
import { natsFromBinary, type RunningNats } from './start-nats.ts'

export interface RunningNatsCluster {
  readonly urls: string[]
  /** All of them, parted by commas. */
  readonly url: string
  readonly nodes: RunningNats[]
  stop(): Promise<void>
}

/** A JetStream cluster, ready when every node has joined and streams with three replicas can be made. */
export interface StartNatsClusterOptions {
  nodes?: number
  binary?: string | undefined
  /** More of each server's configuration, in its own language. */
  config?: string
  /** Default: yes. Clients are told where the other nodes are, and go there by themselves. */
  isAdvertised?: boolean
}

export async function startNatsCluster(options: StartNatsClusterOptions = {}): Promise<RunningNatsCluster> {
  const count = options.nodes ?? 3
  const name = `test-${randomBytes(4).toString('hex')}`
  const ports = await differentFreePorts(2 * count)
  const routePorts = ports.splice(count)
  const routes = routePorts.map((port) => `nats://127.0.0.1:${port}`)
  const starts = ports.map((port, index) =>
    natsFromBinary({
      binary: options.binary,
      ...(options.config !== undefined && { config: options.config }),
      name: `${name}-${index + 1}`,
      port,
      cluster: { name, port: routePorts[index]!, routes, isAdvertised: options.isAdvertised },
    }),
  )
  const stop = async () => {
    const started = (await Promise.allSettled(starts)).filter((start) => start.status === 'fulfilled')
    await Promise.all(started.map(({ value }) => value.stop()))
  }
  try {
    const nodes = await Promise.all(starts)
    await clusterFormed(nodes)
    const urls = nodes.map(({ url }) => url)
    return { urls, url: urls.join(','), nodes, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Chosen together: a node that took the port on which another is to hear the routes would shut that one out. */
async function differentFreePorts(count: number): Promise<number[]> {
  const ports = new Set<number>()
  while (ports.size < count) ports.add(await freePort())
  return [...ports]
}
