import type { Bus } from '../connecting/bus.ts'
import { DeploymentMismatch } from '../errors.ts'
import { streamsNamed } from '../inspecting/streams-named.ts'
import { logStreamName } from '../naming/subjects.ts'
import { EPOCH, type Epoch, epochOf } from '../restoring/epoch.ts'

/** What was fixed when the deployment was created, as its streams say. */
export interface Deployment {
  readonly shards: number
  /** By shard: which life of the stream this is. Grows when a lost store is replaced. */
  readonly epochs: readonly Epoch[]
}

/** `null` where nothing was provisioned yet. */
export async function readDeployment(bus: Bus): Promise<Deployment | null> {
  const found = await streamsNamed(bus, (name) => /^LOG(-\d+)?$/.test(name))
  const [first] = found.values()
  if (first === undefined) return null
  const shards = Number(first.config.metadata?.['spool_shards'])
  if (!(shards >= 1)) throw new DeploymentMismatch('There is a LOG stream that was not made by the provisioner.')
  const epochs = Array.from({ length: shards }, (_, shard) => {
    const name = logStreamName(shard, shards)
    const info = found.get(name)
    // Several may provision at once: a stream of the set that is not there yet will be at its first epoch.
    if (info === undefined) return { epoch: 1, first: 0 }
    const { metadata = {} } = info.config
    if (!(Number(metadata[EPOCH]) >= 1)) throw new DeploymentMismatch(`Stream ${name} does not say its epoch.`)
    return epochOf({ metadata })
  })
  return { shards, epochs }
}

/** For services: the deployment must be there and fit the configuration. */
export async function openDeployment(bus: Bus, shards: number): Promise<Deployment> {
  const deployment = await readDeployment(bus)
  if (deployment === null) throw new DeploymentMismatch('The streams are missing. Run the provisioner first.')
  if (deployment.shards !== shards) {
    throw new DeploymentMismatch(
      `This deployment was created with ${deployment.shards} shard(s), but SPOOL_SHARDS is ${shards}. Set SPOOL_SHARDS=${deployment.shards}.`,
    )
  }
  return deployment
}
