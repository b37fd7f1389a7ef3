import { natsBinaries, type RunningNats, startNats, startNatsCluster } from '@spool/testing'
import type { Bus } from '../../src/index.ts'
import { provisioned } from './deployment.ts'

export interface DeploymentKind {
  age: 'oldest' | 'newest'
  replicas: 1 | 3
}

export interface RunningDeployment {
  /** For clients that may go to any node. */
  readonly url: string
  readonly nodes: readonly RunningNats[]
  stop(): Promise<void>
}

/** A provisioned server or cluster. */
export async function startDeployment(kind: DeploymentKind): Promise<RunningDeployment> {
  const binary = (await natsBinaries())[kind.age]
  const running = kind.replicas === 1 ? await single(binary) : await startNatsCluster({ binary })
  await provisioned(running.url, { replicas: kind.replicas })
  return running
}

/** The node that leads a stream of a cluster. */
export async function leaderOf(deployment: RunningDeployment, bus: Bus, stream = 'LOG'): Promise<RunningNats> {
  const info = await bus.jsm.streams.info(stream)
  return deployment.nodes.find(({ name }) => name === info.cluster!.leader)!
}

async function single(binary: string): Promise<RunningDeployment> {
  const nats = await startNats({ binary })
  return { url: nats.url, nodes: [nats], stop: () => nats.stop() }
}
