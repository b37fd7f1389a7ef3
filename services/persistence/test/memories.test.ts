import { setTimeout as sleep } from 'node:timers/promises'
import { newId } from '@spool/events'
import { NoticeListener } from '@spool/log'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { caughtUp } from './support/caught-up.ts'
import { Conversation } from './support/conversation.ts'
import { endedRun, type Known, type ListedMemory, remember } from './support/remembering.ts'
import { startSystem, type System } from './support/system.ts'
import { until } from './support/until.ts'

let system: System
beforeAll(async () => {
  system = await startSystem({ shards: 3 })
  system.startCopy()
  system.startCopy()
  await system.ready()
})
afterAll(() => system.stop())

interface Page {
  memories: ListedMemory[]
  next: string | null
}

const agent = 'helper'

async function recall(user: string | null, text: string, more: object = {}): Promise<string[]> {
  const about = { tenant: 'acme', session: newId(), user, agent, text, limit: 10, ...more }
  return (await system.queries.ask<Known[]>('recall', about)).map((memory) => memory.text)
}

const list = (more: object): Promise<Page> =>
  system.queries.ask<Page>('memories', { tenant: 'acme', limit: 100, ...more }, 7000)

const texts = async (more: object): Promise<string[]> => (await list(more)).memories.map((memory) => memory.text)

const forget = (what: object, tenant = 'acme') =>
  system.queries.ask<{ forgotten: number }>('forget', { tenant, ...what }, 7000)

describe('what is remembered of a user', () => {
  test('is recalled in the next session, the most relevant first', async () => {
    const user = newId()
    for (let round = 0; round < 5; round++) {
      await remember(system, [`Lives in town ${round}`, `Has ${round} cats and a garden`], { user })
      // On a busy machine it may be told of less, rather than late.
      await until('all is recalled', async () => (await recall(user, 'cats?')).length === 2 * (round + 1))
    }
    expect((await recall(user, 'What do my CAT and the 3 gardens need?'))[0]).toBe('Has 3 cats and a garden')
    // Of what is equally good the newest.
    expect((await recall(user, 'which town?')).slice(0, 2)).toEqual(['Lives in town 4', 'Lives in town 3'])
  })

  test('is nobody else’s: of no other user, agent or tenant, nor of nobody', async () => {
    const user = newId()
    await remember(system, ['Likes tea'], { user })
    expect(await recall(user, 'tea')).toEqual(['Likes tea'])
    expect(await recall(newId(), 'tea')).toEqual([])
    expect(await recall(null, 'tea')).toEqual([])
    expect(await recall(user, 'tea', { agent: 'other' })).toEqual([])
    expect(await recall(user, 'tea', { tenant: 'other' })).toEqual([])
    // Postgres would keep this name as the other one's.
    await remember(system, ['Likes coffee'], { user: `${user}\u0000` })
    expect(await recall(user, 'coffee')).toEqual(['Likes tea'])
    expect(await recall(`${user}\u0000`, 'coffee')).toEqual([])
    expect(await texts({ user })).toEqual(['Likes tea'])
    expect(await texts({ user: `${user}\u0000` })).toEqual([])
  })

  test('without a user stays in its session', async () => {
    const { conversation } = await remember(system, ['The project is called Falcon'])
    const { session } = conversation.ref
    expect(await recall(null, 'project', { session })).toEqual(['The project is called Falcon'])
    expect(await recall(null, 'project')).toEqual([])
    expect(await recall(newId(), 'project', { session })).toEqual([])
  })

  test('is recalled whole while it is little, else only what has to do with the text', async () => {
    const user = newId()
    await remember(
      system,
      Array.from({ length: 20 }, (_, n) => `Fact number ${n}`),
      { user },
    )
    expect(await recall(user, 'nothing in common', { limit: 100 })).toHaveLength(20)
    await remember(system, ['用户对花生过敏', 'Plays chess'], { user })
    expect(await recall(user, 'nothing in common', { limit: 100 })).toEqual([])
    expect(await recall(user, 'a game of chess?', { limit: 100 })).toEqual(['Plays chess'])
    expect(await recall(user, '花生酱可以吃吗？', { limit: 100 })).toEqual(['用户对花生过敏'])
  })

  test('is found in Chinese and Japanese, wherever the words begin', async () => {
    const user = newId()
    const tea = '用户喜欢喝绿茶'
    const tokyo = '東京のデザイン会社に勤めている'
    await remember(system, [tea, tokyo, 'Café owner in Zürich'], { user })
    for (const q of ['绿茶', '茶', '喜欢', '喝绿茶']) expect(await texts({ user, q })).toEqual([tea])
    for (const q of ['デザイン', 'ﾃﾞｻﾞｲﾝ', '会社', '東京']) expect(await texts({ user, q })).toEqual([tokyo])
    for (const q of ['cafe', 'ZURICH', 'own caf']) expect(await texts({ user, q })).toEqual(['Café owner in Zürich'])
    for (const q of ['红茶', '京東', 'fé', '…', "'", ':* & |']) expect(await texts({ user, q })).toEqual([])
    // Related, though no two characters side by side are the same.
    expect((await recall(user, '我该泡什么茶？'))[0]).toBe(tea)
    expect((await recall(user, 'どんなデザインがいい？'))[0]).toBe(tokyo)
  })

  test('is updated under its id, and only by the same user', async () => {
    const user = newId()
    const { ids } = await remember(system, ['Lives in Berlin'], { user })
    const later = await remember(system, [{ id: ids[0]!, text: 'Lives in Munich' }], { user })
    await caughtUp(system)
    await remember(system, [{ id: ids[0]!, text: 'Is somebody else' }], { user: newId() })
    const { memories } = await list({ user })
    expect(memories).toMatchObject([{ id: ids[0], text: 'Lives in Munich', session: later.conversation.ref.session }])
    expect(await texts({ user, q: 'berlin' })).toEqual([])
  })

  test('is not taken up once the memory was given up', async () => {
    const user = newId()
    const { conversation, run } = await endedRun(system, { user })
    await conversation.say('memory.failed', { run, error: { code: 'memory_timed_out', message: 'too late' } })
    await conversation.say('memory.updated', { run, count: 1, memories: [{ id: newId(), text: 'late' }] })
    expect(await texts({ user })).toEqual([])
  })

  test('may be any text', async () => {
    const user = `${newId()} 用户 'x' \\`
    const odd = ["it's \\ 'quoted' :* & | !", 'nul \u0000 and half \ud83d', `${'long '.repeat(3000)}`, '𐐷𐐷 😀 ́', '']
    await remember(system, odd, { user })
    expect(new Set(await texts({ user }))).toEqual(
      new Set([odd[0], 'nul  and half \ufffd', odd[2], odd[3], ''] as string[]),
    )
    expect(await recall(user, odd.join('\n'))).toHaveLength(5)
  })

  test('is listed newest first, in pages', async () => {
    const user = newId()
    for (let n = 0; n < 7; n++) await remember(system, [`a${n}`, `b${n}`], { user })
    const found: string[] = []
    for (let before: string | null | undefined; before !== null;) {
      const page: Page = await list({ user, limit: 3, before })
      expect(page.memories.length).toBeLessThanOrEqual(3)
      found.push(...page.memories.map(({ text }) => text))
      before = page.next
    }
    expect(found.map((text) => text.slice(1))).toEqual([6, 6, 5, 5, 4, 4, 3, 3, 2, 2, 1, 1, 0, 0].map(String))
    for (const before of ['x', '999999999999999.m1']) {
      await expect(list({ before })).rejects.toMatchObject({ code: 'bad_query' })
    }
  })
})

describe('forgetting', () => {
  test('one memory is for good, and said in the session that it came from', async () => {
    const user = newId()
    const { conversation, ids } = await remember(system, ['Likes tea', 'Likes jazz'], { user })
    expect(await forget({ ids: [ids[0]] }, 'other')).toEqual({ forgotten: 0 })
    for (const another of [newId(), `${user}\u0000`])
      expect(await forget({ ids: [ids[0]], user: another })).toEqual({ forgotten: 0 })
    expect(await forget({ ids: [ids[0]], user })).toEqual({ forgotten: 1 })
    expect(await texts({ user })).toEqual(['Likes jazz'])
    expect(await forget({ ids: [ids[0]] })).toEqual({ forgotten: 0 })
    const last = await system.log.lastPosition(conversation.ref)
    const events = []
    for await (const stored of system.log.read(conversation.ref, conversation.seq, last)) events.push(stored.event())
    expect(events).toMatchObject([{ type: 'memory.deleted', ids: [ids[0]] }])
    // Somebody who recalled it before says it once more.
    await remember(system, [{ id: ids[0]!, text: 'Likes tea' }], { user })
    expect(await texts({ user })).toEqual(['Likes jazz'])
    const [row] = await system.sql('select * from memories where id = $1', [ids[0]])
    expect(row).toMatchObject({ forgotten: true, text: '', user_id: null, session: '', terms: '' })
  })

  test('all of a user spares other users, other tenants and, where one is named, other agents', async () => {
    const [user, other] = [newId(), newId()]
    const kept = ['of another agent', 'of another user', 'of another tenant']
    await remember(system, [kept[0]!], { user, agent: 'second' })
    await remember(system, [kept[1]!], { user: other })
    await remember(system, [kept[2]!], { user, tenant: 'rival' })
    for (let n = 0; n < 12; n++) await remember(system, [`x${n}`, `y${n}`], { user })
    expect(await forget({ user, agent })).toEqual({ forgotten: 24 })
    expect([...(await texts({ user })), ...(await texts({ user: other }))]).toEqual(kept.slice(0, 2))
    expect(await texts({ user, tenant: 'rival' })).toEqual([kept[2]])
    expect(await forget({ user })).toEqual({ forgotten: 1 })
    expect(await forget({ user: `${user}\u0000` })).toEqual({ forgotten: 0 })
    await expect(forget({})).rejects.toMatchObject({ code: 'bad_query' })
  })

  test('comes through while the session streams', async () => {
    const user = newId()
    const { conversation, ids } = await remember(system, ['Likes tea'], { user })
    const { run, message } = await conversation.begin()
    const ending = new AbortController()
    const notices = new NoticeListener(system.log, conversation.ref, () => undefined)
    const overtaken: string[] = []
    const streaming = (async () => {
      for (let sequence = 1; !ending.signal.aborted; sequence++) {
        await notices.holdBack()
        const written = conversation.delta(run, message, sequence, 'word ')
        await Promise.all([written.catch((error: Error) => overtaken.push(error.message)), sleep(2)])
      }
    })()
    try {
      expect(await forget({ ids })).toEqual({ forgotten: 1 })
    } finally {
      ending.abort()
      notices.close()
      await streaming
    }
    expect(overtaken).toHaveLength(1)
    expect(await texts({ user })).toEqual([])
  })

  test('what an erased session has left', async () => {
    const user = newId()
    const { conversation, ids } = await remember(system, ['Likes tea', 'Likes jazz'], { user })
    await conversation.say('session.erased', { by: 'user' })
    expect(await texts({ user })).toHaveLength(2)
    expect(await forget({ ids: [ids[1]] })).toEqual({ forgotten: 1 })
    expect(await texts({ user })).toEqual(['Likes tea'])
  })
})

test('an event that deletes may be stored before the one that it deletes', async () => {
  const user = newId()
  const id = newId()
  await new Conversation(system.log).say('memory.deleted', { ids: [id] })
  await caughtUp(system)
  await remember(system, [{ id, text: 'back again' }], { user })
  expect(await texts({ user })).toEqual([])
})

test('memories are stored once, however often their copy dies', async () => {
  const own = await startSystem()
  try {
    let copy = own.startCopy()
    await own.ready()
    const user = newId()
    for (let round = 0; round < 2; round++) {
      const writing = Array.from({ length: 8 }, async () => remember(own, ['one', 'two'], { user }))
      await copy.end('SIGKILL')
      await Promise.all(writing)
      copy = own.startCopy()
    }
    await caughtUp(own)
    const [row] = await own.sql<{ count: number }>('select count(*)::integer as count from memories')
    expect(row!.count).toBe(32)
  } finally {
    await own.stop()
  }
})
