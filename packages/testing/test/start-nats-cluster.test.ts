import { expect, test } from 'vitest'
import { natsBinaries, startNatsCluster } from '../src/index.ts'
import { natsSays } from './nats-says.ts'

test.each(['oldest', 'newest'] as const)(
  'forms a cluster of three of the %s server',
  async (age) => {
    const binary = (await natsBinaries())[age]
    const cluster = await startNatsCluster({ binary })
    expect(cluster.url.split(',')).toEqual(cluster.urls)
    const greetings = await Promise.all(cluster.nodes.map(({ port }) => natsSays(port)))
    expect(new Set(greetings.map(({ cluster: name }) => name)).size).toBe(1)
    const [first] = cluster.nodes
    await first!.kill()
    await first!.restart()
    expect(await natsSays(first!.port)).toMatchObject({ jetstream: true })
    await cluster.stop()
  },
  120_000,
)
