import { natsBinaries, startNatsCluster } from '@spool/testing'
import { expect, onTestFinished, test } from 'vitest'
import { BusUnavailable, mayPass } from '../src/index.ts'
import { openLog, provisioned } from './support/deployment.ts'
import { newSession } from './support/sessions.ts'

const NO_LEADER = 10008

test('a cluster that says that it has no leader is away like one that is silent: whoever asks may ask again', async () => {
  const cluster = await startNatsCluster({ binary: (await natsBinaries()).newest })
  onTestFinished(() => cluster.stop())
  await provisioned(cluster.url, { replicas: 3 })
  const [left, ...others] = cluster.nodes
  const log = await openLog(left!.url)
  const ref = newSession()
  expect(await log.lastPosition(ref)).toBe(0)
  await Promise.all(others.map((node) => node.kill()))
  // It takes the server a while to notice, in which it does not answer.
  const saysSo = () =>
    log.bus.leader.streams.getMessage('LOG', { last_by_subj: log.subjects.log(ref) }).catch(({ code }) => code)
  await expect.poll(saysSo, { timeout: 60_000, interval: 200 }).toBe(NO_LEADER)
  const error: unknown = await log.lastPosition(ref).catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(BusUnavailable)
  expect(mayPass(error)).toBe(true)
})
