import { natsBinaries, startNatsCluster } from '@spool/testing'
import { expect, onTestFinished, test } from 'vitest'
import { deploymentStatus, mayPass, readDeployment, StreamsWithoutLeader } from '../src/index.ts'
import { connected, provisioned } from './support/deployment.ts'

const SHARDS = 2

test('a stream whose leader is away is not one that does not exist, nor at its first epoch', async () => {
  const cluster = await startNatsCluster({ binary: (await natsBinaries()).newest })
  onTestFinished(() => cluster.stop())
  await provisioned(cluster.url, { shards: SHARDS })
  const everywhere = await connected(cluster.url)
  const { config } = await everywhere.jsm.streams.info('LOG-1')
  const metadata = { ...config.metadata, spool_epoch: '2' }
  const { cluster: where } = await everywhere.jsm.streams.update('LOG-1', { ...config, metadata })
  const [leader] = cluster.nodes.filter(({ name }) => name === where?.leader)
  const [other] = cluster.nodes.filter(({ name }) => name !== where?.leader)
  const bus = await connected(other!.url)
  expect((await readDeployment(bus))?.epochs.map(({ epoch }) => epoch)).toEqual([1, 2])

  await leader!.kill()
  // Until the others have noticed, and perhaps have chosen who answers for all, they are silent.
  const found: unknown[] = []
  for (const look of [() => readDeployment(bus), () => deploymentStatus(bus, SHARDS)]) {
    const toldOf = () =>
      look().then(
        (what) => found.push(what),
        (error: unknown) => {
          expect(mayPass(error)).toBe(true)
          return error instanceof StreamsWithoutLeader ? error.message : null
        },
      )
    await expect
      .poll(toldOf, { timeout: 60_000, interval: 200 })
      .toMatch(/^NATS has no leader for .*LOG-1.* just now\./)
  }
  expect(found).toEqual([])

  await leader!.restart()
  const epochs = () => readDeployment(bus).then((deployment) => deployment?.epochs.map(({ epoch }) => epoch), String)
  await expect.poll(epochs, { timeout: 60_000, interval: 200 }).toEqual([1, 2])
})
