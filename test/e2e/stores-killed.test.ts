import {
  type RunningPostgres,
  type RunningNats,
  type SpoolUnderTest,
  startNats,
  startPostgres,
  startSpool,
} from '@spool/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { expectAllWhole, expectStoredAsLogged, manyStreams, untilAllHave } from './support/many-streams.ts'
import { followRun, get, start, until } from './support/system.ts'
import { textOf } from './support/follower.ts'

let nats: RunningNats
let postgres: RunningPostgres
let spool: SpoolUnderTest

beforeAll(async () => {
  ;[nats, postgres] = await Promise.all([startNats(), startPostgres()])
  spool = await startSpool({ nats, postgres })
})

afterAll(async () => {
  await spool?.stop()
  await Promise.all([nats?.stop(), postgres?.stop()])
})

test('kill -9 of persistence and of Postgres during 50 streams: nobody notices, and afterwards the snapshots are the fold of the log', async () => {
  const watched = await manyStreams(spool, 'stored', { streams: 50, tokens: 150, tokensPerSecond: 12 })
  await untilAllHave(watched, 30)
  spool.kill('persistence')
  await untilAllHave(watched, 60)
  await postgres.kill('SIGKILL')
  await untilAllHave(watched, 90)
  spool.kill('persistence')
  await untilAllHave(watched, 100)
  await postgres.restart()
  await expectAllWhole(watched)
  await spool.waitReady()
  await expectStoredAsLogged(spool, postgres.url, nats.url)
}, 120_000)

test('kill -9 of nats-server during 50 streams: all finish, nothing lost, nothing twice, one attempt each', async () => {
  const watched = await manyStreams(spool, 'bus', { streams: 50, tokens: 150, tokensPerSecond: 12 })
  await untilAllHave(watched, 40)
  await nats.kill('SIGKILL')
  await nats.restart()
  await expectAllWhole(watched)
  for (const { whole } of watched) {
    expect((await whole).filter((frame) => frame.event === 'generation.started')).toHaveLength(1)
  }
  await expectStoredAsLogged(spool, postgres.url, nats.url)
}, 120_000)

test('a second message during a 25 s answer waits for its turn, two at once keep an order, and each is answered by one attempt', async () => {
  const slow = await start(spool, 'queue', { message: 'slow', model: 'demo/steady?tokens=250&tps=10&seed=1' })
  const [one, two] = await Promise.all(
    ['two', 'three'].map((message) =>
      start(spool, 'queue', { message, model: `demo/steady?tokens=5&tps=50&seed=${message.length}` }),
    ),
  )
  const frames = await followRun(spool, 'queue', slow.run)
  const ends = await Promise.all([one!, two!].map(({ run }) => followRun(spool, 'queue', run)))
  for (const run of [slow.run, one!.run, two!.run]) {
    const own = [...frames, ...ends.flat()].filter((frame) => frame.data.run === run)
    const attempts = new Set(own.filter((frame) => frame.event === 'generation.started').map((frame) => frame.id))
    expect(attempts.size).toBe(1)
    expect(textOf([...new Map(own.map((frame) => [frame.id, frame])).values()], run)).not.toBe('')
  }
  const { messages } = await get<{ messages: { role: string; text: string }[] }>(spool, '/v1/sessions/queue/messages')
  expect(messages.map((message) => message.role)).toEqual([
    'user',
    'assistant',
    'user',
    'assistant',
    'user',
    'assistant',
  ])
  expect(messages[0]!.text).toBe('slow')
  await until('an idle session', async () => {
    const { session } = await get<{ session: { phase: string } }>(spool, '/v1/sessions/queue')
    return session.phase === 'idle'
  })
}, 90_000)
