import { draft, encodeEvent, newId } from '@spool/events'
import { openDatabase } from '@spool/store'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { up } from '../../../packages/store/src/migrations/0004_search.ts'
import { caughtUp } from './support/caught-up.ts'
import { Conversation } from './support/conversation.ts'
import { remember } from './support/remembering.ts'
import { startSystem, type System } from './support/system.ts'

let system: System
beforeAll(async () => {
  system = await startSystem()
  system.startCopy()
  await system.ready()
})
afterAll(() => system?.stop())

interface Hit {
  session: string
  message: string
  role: string
  status: string
  partial: boolean
  at: string
  snippet: { text: string; hit?: true }[]
  cursor: string
  seq: number
}

interface Hits {
  hits: Hit[]
  next: string | null
}

const ask = <Answer>(name: string, data: object): Promise<Answer> => system.queries.ask<Answer>(name, data, 7000)
/** A search does not wait for long; a busy machine may take longer to store. */
const search = async (q: string, more = {}): Promise<Hits> => {
  await caughtUp(system)
  return ask('search', { tenant: 'acme', q, limit: 20, ...more })
}
const texts = ({ hits }: Hits) => hits.map(({ snippet }) => snippet.map(({ text }) => text).join(''))

/** Another word than all others use. */
const word = () => `w${newId().toLowerCase()}`

async function say(conversation: Conversation, text: string, more: { role?: 'user' | 'assistant'; at?: string } = {}) {
  const { role = 'user', at } = more
  const event = draft('message.added', { message: newId(), role, parts: [{ type: 'text', text }] })
  await conversation.append(event.type, encodeEvent(at === undefined ? event : { ...event, at }))
  return event.message
}

describe('a search', () => {
  test('finds what people were shown, whoever said it, and how it ended', async () => {
    const conversation = new Conversation(system.log)
    const w = word()
    const { run, message } = await conversation.begin(`Question about ${w}`)
    await conversation.delta(run, message, 1, `Half an answer about ${w.toUpperCase()}`)
    expect(texts(await search(w))).toEqual([`Question about ${w}`])
    const seq = await conversation.say('message.completed', { run, message, status: 'partial', reason: 'cancelled' })
    await conversation.say('run.cancelled', { run, by: 'user', reason: 'user' })
    for (const purpose of ['plan', 'title', 'summary'] as const) {
      const other = newId()
      await conversation.say('message.started', {
        run,
        message: other,
        role: 'assistant',
        purpose,
        provider: 'd',
        model: 'm',
      })
      await conversation.delta(run, other, 1, `A ${purpose} about ${w}`)
      await conversation.say('message.completed', { run, message: other, status: 'complete', reason: 'stop' })
    }
    const { hits } = await search(w)
    expect(hits).toMatchObject([
      { session: conversation.ref.session, message, run, role: 'assistant', status: 'partial', partial: true, seq },
      { session: conversation.ref.session, role: 'user', status: 'complete', partial: false },
    ])
    expect(hits[0]!.snippet).toEqual([{ text: 'Half an answer about ' }, { text: w.toUpperCase(), hit: true }])
    // The session as it was when the message had ended.
    const [epoch, at] = hits[0]!.cursor.split('-').map(Number)
    const page = await ask<{ messages: { id: string; status: string }[] }>('messages', {
      ...conversation.ref,
      at: { epoch, seq: at },
    })
    expect(page.messages.at(-1)).toMatchObject({ id: message, status: 'partial' })
    expect(texts(await search(w, { role: 'user' }))).toEqual([`Question about ${w}`])
    expect(await search(w, { session: newId() })).toEqual({ hits: [], next: null })
    expect((await search(w, { session: conversation.ref.session })).hits).toHaveLength(2)
  })

  test('wants all words, the last one or its beginning, in any language', async () => {
    const [conversation, w] = [new Conversation(system.log), word()]
    await say(conversation, `${w} green tea, please`)
    await say(conversation, `${w} 我喜欢绿茶`)
    await say(conversation, `${w} Deux cafés crème`)
    for (const [q, found] of [
      ['tea green', 1],
      ['green te', 1],
      ['gree tea', 0],
      ['coffee', 0],
      ['绿茶', 1],
      ['茶', 1],
      ['红茶', 0],
      ['CAFE CREM', 1],
    ] as const) {
      expect([q, (await search(`${w} ${q}`)).hits.length]).toEqual([q, found])
    }
  })

  test('stays within its tenant', async () => {
    const [mine, theirs, w] = [new Conversation(system.log), new Conversation(system.log, newId(), 'rival'), word()]
    await say(mine, `${w} of ours`)
    await say(theirs, `${w} of theirs`)
    expect(texts(await search(w))).toEqual([`${w} of ours`])
    expect(texts(await search(w, { tenant: 'rival' }))).toEqual([`${w} of theirs`])
    expect(await search(`@rival ${w}`)).toEqual({ hits: [], next: null })
  })

  test('finds nothing of a session that was erased', async () => {
    const [conversation, w] = [new Conversation(system.log), word()]
    await say(conversation, w)
    expect((await search(w)).hits).toHaveLength(1)
    await conversation.say('session.erased', { by: 'user' })
    expect((await search(w)).hits).toEqual([])
    const left = await system.sql('select from message_terms where session = $1', [conversation.ref.session])
    expect(left).toEqual([])
  })

  test('takes any text for words', async () => {
    const [conversation, w] = [new Conversation(system.log), word()]
    const odd = [
      `"quoted" 'single' back\\slash`,
      'a & b | !c <-> d:* ( )',
      'nul \u0000 and half \ud83d',
      '😀😀 ',
      'ﬁ ½ ① ㌀ ẞ İ',
      '日本'.repeat(2000),
      `${'long '.repeat(2000)}`,
      'x'.repeat(10_000),
      'ǆ'.repeat(70),
      '𐐷'.repeat(70),
      'é'.repeat(3000),
      Array.from({ length: 30_000 }, (_, n) => String.fromCodePoint(0x4e00 + ((n * 7919) % 20_000))).join(''),
    ]
    for (const text of odd) await say(conversation, `${w} ${text}`)
    expect((await search(w)).hits).toHaveLength(odd.length)
    for (const text of odd) {
      const { hits } = await search(`${w} ${text.slice(0, 9990)}`)
      expect([text.slice(0, 20), hits.length]).toEqual([text.slice(0, 20), expect.any(Number)])
      expect(hits.length).toBeGreaterThan(0)
    }
    expect(await search('" & | \u0000 \ud800 😀')).toEqual({ hits: [], next: null })
    for (const before of ['x', '1.2', '999999999999999.a.b']) {
      await expect(search(w, { before })).rejects.toMatchObject({ code: 'bad_query' })
    }
  })

  test('writes nothing while a message streams, and once when it ends', async () => {
    const conversation = new Conversation(system.log)
    const { run, message } = await conversation.begin()
    const rows = () => system.sql('select xmin::text from message_terms where message = $1', [message])
    for (let n = 1; n <= 20; n++) await conversation.delta(run, message, n, 'many words '.repeat(20))
    await caughtUp(system)
    expect(await rows()).toEqual([])
    await conversation.finish(run, message, 20)
    await caughtUp(system)
    const [row] = await rows()
    await conversation.answer(3)
    await caughtUp(system)
    expect(await rows()).toEqual([row])
  })
})

/** All pages to the end, with something that happens in between. */
async function walk<Item>(
  read: (before: string | null) => Promise<{ items: Item[]; next: string | null }>,
  meanwhile: () => Promise<unknown>,
): Promise<Item[]> {
  const all: Item[] = []
  for (let before: string | null = null; ;) {
    const page: { items: Item[]; next: string | null } = await read(before)
    all.push(...page.items)
    if (page.next === null) return all
    before = page.next
    await meanwhile()
  }
}

/** A little before, in and after one and the same millisecond. */
const at = (n: number) => new Date(Date.UTC(2026, 10, 20, 10) + (n % 3) - 1).toISOString()

describe('pages hold nothing twice and miss nothing while more comes', () => {
  test('of hits that were said in the same millisecond', async () => {
    const w = word()
    const said: string[] = []
    const add = async (n: number) => say(new Conversation(system.log), `${w} ${n}`, { at: at(n) })
    for (let n = 0; n < 17; n++) said.push(await add(n))
    await caughtUp(system)
    const found = await walk(
      async (before) => {
        const { hits, next } = await search(w, { limit: 3, before })
        return { items: hits, next }
      },
      () => add(1),
    )
    const ids = found.map(({ message }) => message)
    expect(new Set(ids).size).toBe(ids.length)
    expect(ids.filter((id) => said.includes(id)).toSorted()).toEqual(said.toSorted())
    expect(found.map((hit) => hit.at)).toEqual(
      found
        .map((hit) => hit.at)
        .toSorted()
        .toReversed(),
    )
  })

  test('and begin at no time that there never was', async () => {
    for (const ms of ['-99999999999999', '-62135596800001']) {
      const refused = { code: 'bad_query' }
      await expect(search('word', { before: `${ms}.m.s` })).rejects.toMatchObject(refused)
      await expect(ask('sessions', { tenant: 'acme', before: `${ms}.s` })).rejects.toMatchObject(refused)
    }
    expect(await search('word', { before: '-62135596800000.m.s' })).toEqual({ hits: [], next: null })
  })

  test('of sessions that began in the same millisecond', async () => {
    const tenant = newId()
    const began: string[] = []
    const add = async (n: number) => {
      const conversation = new Conversation(system.log, newId(), tenant)
      await say(conversation, 'Hi', { at: at(n) })
      return conversation.ref.session
    }
    for (let n = 0; n < 17; n++) began.push(await add(n))
    await caughtUp(system)
    const ids = await walk(
      async (before) => {
        const { sessions, next } = await ask<{ sessions: { id: string }[]; next: string | null }>('sessions', {
          tenant,
          limit: 3,
          before,
        })
        return { items: sessions.map(({ id }) => id), next }
      },
      () => add(1),
    )
    expect(new Set(ids).size).toBe(ids.length)
    expect(ids.filter((id) => began.includes(id)).toSorted()).toEqual(began.toSorted())
  })

  test('of memories', async () => {
    const user = newId()
    const known: string[] = []
    const add = async (n: number) => (await remember(system, [`${n}`, `${n}`], { user })).ids
    for (let n = 0; n < 6; n++) known.push(...(await add(n)))
    const ids = await walk(
      async (before) => {
        const { memories, next } = await ask<{ memories: { id: string }[]; next: string | null }>('memories', {
          tenant: 'acme',
          user,
          limit: 5,
          before,
        })
        return { items: memories.map(({ id }) => id), next }
      },
      () => add(9),
    )
    expect(new Set(ids).size).toBe(ids.length)
    expect(ids.filter((id) => known.includes(id)).toSorted()).toEqual(known.toSorted())
  })

  test('of messages, also of one that was asked for and had no word yet', async () => {
    const conversation = new Conversation(system.log)
    for (let turn = 0; turn < 3; turn++) await conversation.answer(1, `question ${turn}`)
    const run = newId()
    const message = newId()
    await conversation.say('run.started', { run, kind: 'agent', input: newId() })
    await say(conversation, 'question 3')
    await conversation.say('message.requested', { run, message, purpose: 'answer', model: 'demo' })
    const steps = [
      () =>
        conversation.say('message.started', {
          run,
          message,
          role: 'assistant',
          purpose: 'answer',
          provider: 'd',
          model: 'm',
        }),
      () => conversation.delta(run, message, 1, 'late'),
      () => conversation.finish(run, message, 1),
    ]
    const roles: string[] = []
    let after = '0'
    for (let pages = 0; pages < 20; pages++) {
      await caughtUp(system)
      type Page = { messages: { role: string; text: string; first_seq: number }[]; next: string | null }
      const page: Page = await ask('messages', { ...conversation.ref, limit: 4, after })
      roles.push(...page.messages.map(({ role }) => role))
      if (page.next === null) {
        const step = steps.shift()
        if (step === undefined) break
        await step()
      }
      // Whoever looks for more goes on after the last message that there was.
      after = page.next ?? String(page.messages.at(-1)?.first_seq ?? after)
    }
    expect(roles).toEqual(Array.from({ length: 8 }, (_, n) => (n % 2 === 0 ? 'user' : 'assistant')))
  })
})

test('what was said before there was a search is found by it, too', async () => {
  await caughtUp(system)
  const all = () =>
    system.sql(
      `select tenant, session, message, role, said_at, epoch, seq, terms::text from message_terms
       order by tenant, session, message`,
    )
  const before = await all()
  expect(before.length).toBeGreaterThan(50)
  const { kysely, close } = openDatabase({ url: system.postgres.url, name: 'test', connections: 1 })
  await system.sql('drop table message_terms')
  await kysely.transaction().execute(up)
  await close()
  expect(await all()).toEqual(before)
})
