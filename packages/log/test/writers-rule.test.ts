import { startTcpProxy, type TcpProxy } from '@spool/testing'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { ChainWriter, Log, type SessionRef } from '../src/index.ts'
import { connected, type OnTestFinished } from './support/deployment.ts'
import { MemoryArchive } from './support/memory-archive.ts'
import { type DeploymentKind, leaderOf, type RunningDeployment, startDeployment } from './support/servers.ts'
import { appended, chainFault, newSession, note, noteText, wholeChain, written } from './support/sessions.ts'

const DEPLOYMENTS: readonly DeploymentKind[] = [
  { age: 'oldest', replicas: 1 },
  { age: 'newest', replicas: 1 },
  { age: 'oldest', replicas: 3 },
  { age: 'newest', replicas: 3 },
]

// Beside each other, because they mostly wait: for time-outs, for elections.
describe.concurrent.each(DEPLOYMENTS)('R$replicas, $age server', (kind) => {
  let deployment: RunningDeployment | undefined

  beforeAll(async () => {
    deployment = await startDeployment(kind)
  })
  afterAll(() => deployment?.stop())

  // But not the tests of one: the last kills a server.
  describe("the writer's rule", { concurrent: false }, () => {
    keepsTheWritersRule(kind, () => deployment!)
  })
})

function keepsTheWritersRule(kind: DeploymentKind, running: () => RunningDeployment): void {
  const openLog = async (onTestFinished: OnTestFinished, url = running().url) =>
    Log.open(await connected(url, onTestFinished), new MemoryArchive())

  /** A writer whose connection the test can disturb. */
  const behindProxy = async (onTestFinished: OnTestFinished): Promise<{ proxy: TcpProxy; log: Log }> => {
    const proxy = await startTcpProxy({ port: running().nodes[0]!.port })
    onTestFinished(() => proxy.stop())
    return { proxy, log: await openLog(onTestFinished, `nats://127.0.0.1:${proxy.port}`) }
  }

  test('the chain stays unbroken while 50 writers race for one session', async ({ expect, onTestFinished }) => {
    const log = await openLog(onTestFinished)
    const ref = newSession()
    const rounds = kind.replicas === 1 ? 4 : 2
    await Promise.all(
      Array.from({ length: 50 }, async (_, name) => {
        const writer = new ChainWriter(log, ref, 0)
        for (let round = 0; round < rounds; round++) {
          const draft = note(`${name}.${round}`)
          while ((await writer.append(draft)).outcome === 'overtaken');
        }
      }),
    )
    const found = await texts(log, ref)
    expect(found).toHaveLength(50 * rounds)
    expect(new Set(found).size).toBe(50 * rounds)
  })

  const losses = {
    'its ack is lost': (proxy: TcpProxy) => once(proxy, 'down', '"stream":"LOG"', () => null),
    'it never arrives': (proxy: TcpProxy) => once(proxy, 'up', 'HPUB log.', () => null),
    'the connection breaks before its ack': (proxy: TcpProxy) =>
      once(proxy, 'down', '"stream":"LOG"', () => {
        proxy.cutAll()
        return null
      }),
  }

  test.for(Object.entries(losses))('an event is stored once when %s', async ([, lose], { expect, onTestFinished }) => {
    const { proxy, log } = await behindProxy(onTestFinished)
    const ref = newSession()
    const writer = new ChainWriter(log, ref, 0)
    await appended(writer, note('a'))
    const lost = lose(proxy)
    await appended(writer, note('b'))
    await lost
    await appended(writer, note('c'))
    expect(await texts(log, ref)).toEqual(['a', 'b', 'c'])
  })

  test.for(Object.entries(losses))(
    'and when %s while another appends',
    async ([, lose], { expect, onTestFinished }) => {
      const { proxy, log } = await behindProxy(onTestFinished)
      const other = await openLog(onTestFinished)
      const ref = newSession()
      const writer = new ChainWriter(log, ref, 0)
      await appended(writer, note('a'))
      const lost = lose(proxy)
      const draft = note('b')
      const [result] = await Promise.all([writer.append(draft), lost.then(() => written(other, ref, 1, 'foreign'))])
      if (result.outcome === 'overtaken') {
        // The foreign one was first: ours cannot be stored any more, so it may be sent again behind it.
        expect(result.others.map(noteText)).toEqual(['foreign 0'])
        await appended(writer, draft)
      }
      const after = note('c')
      while ((await writer.append(after)).outcome === 'overtaken');
      const found = await texts(log, ref)
      expect(found.toSorted()).toEqual(['a', 'b', 'c', 'foreign 0'])
      expect(found.indexOf('b')).toBeLessThan(found.indexOf('c'))
    },
  )

  test('a writer that slept while another went on is refused and appends nothing', async ({
    expect,
    onTestFinished,
  }) => {
    const log = await openLog(onTestFinished)
    const ref = newSession()
    const sleeper = new ChainWriter(log, ref, 0)
    await appended(sleeper, note('slept'))
    await written(await openLog(onTestFinished), ref, 3, 'successor')
    const result = await sleeper.append(note('zombie'))
    expect(result).toMatchObject({ outcome: 'overtaken' })
    expect(await texts(log, ref)).toEqual(['slept', 'successor 0', 'successor 1', 'successor 2'])
  })

  // There is no other to take over from a single node.
  if (kind.replicas === 1) return
  test('nothing is lost or doubled when the leader is killed under its writers', async ({
    annotate,
    expect,
    onTestFinished,
  }) => {
    const log = await openLog(onTestFinished)
    const sessions = Array.from({ length: 20 }, () => newSession())
    const stop = new AbortController()
    const counts = sessions.map(() => 0)
    let longestMs = 0
    const writing = sessions.map(async (ref, index) => {
      const writer = new ChainWriter(log, ref, 0)
      while (!stop.signal.aborted) {
        const began = performance.now()
        await appended(writer, note(String(counts[index])))
        counts[index]!++
        longestMs = Math.max(longestMs, performance.now() - began)
      }
    })
    await expect.poll(() => Math.min(...counts), { timeout: 15_000 }).toBeGreaterThan(20)
    const leader = await leaderOf(running(), log.bus)
    await leader.kill()
    const atKill = [...counts]
    await expect
      .poll(() => counts.every((count, index) => count > atKill[index]! + 20), {
        timeout: 25_000,
        interval: 100,
      })
      .toBe(true)
    stop.abort()
    await Promise.all(writing)
    await leader.restart()
    for (const [index, ref] of sessions.entries()) {
      expect(await texts(log, ref)).toEqual(Array.from({ length: counts[index]! }, (_, i) => String(i)))
    }
    await annotate(`the longest append over the leader's death took ${Math.round(longestMs)} ms`)
  }, 60_000)
}

/** Does something to the first chunk that carries a text. Resolves when it has happened. */
function once(proxy: TcpProxy, direction: 'up' | 'down', text: string, change: () => null): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  proxy.intercept(direction, (chunk) => {
    if (!chunk.includes(text)) return chunk
    proxy.intercept(direction, undefined)
    resolve()
    return change()
  })
  return promise
}

async function texts(log: Log, ref: SessionRef): Promise<string[]> {
  const events = await wholeChain(log, ref)
  const fault = chainFault(events)
  if (fault !== null) throw new Error(fault)
  return events.map(noteText)
}
