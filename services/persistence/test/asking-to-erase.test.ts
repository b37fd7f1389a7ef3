import { setTimeout as sleep } from 'node:timers/promises'
import { draft, encodeEvent, newId, type SpoolEvent } from '@spool/events'
import { Blobs, ChainWriter, NoticeListener, type SessionRef } from '@spool/log'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Conversation } from './support/conversation.ts'
import { type ListedMemory, remember } from './support/remembering.ts'
import { startSystem, type System } from './support/system.ts'
import { leftInStream, rowsOf } from './support/what-is-left.ts'

let system: System
beforeAll(async () => {
  system = await startSystem({ shards: 3 })
  system.startCopy()
  system.startCopy()
  await system.ready()
})
afterAll(() => system.stop())

interface Erased {
  epoch: number
  seq: number
}

const erase = (ref: SessionRef, memories = false): Promise<Erased | null> =>
  system.queries.ask('erase', { ...ref, by: 'user', memories }, 7000)

const memoriesOf = async (user: string): Promise<string[]> =>
  (await system.queries.ask<{ memories: ListedMemory[] }>('memories', { tenant: 'acme', user, limit: 9 })).memories.map(
    ({ text }) => text,
  )

test('whoever asks to erase a session hears of it when nothing is left, and again the same', async () => {
  const blobs = new Blobs(system.bus)
  for (let round = 0; round < 5; round++) {
    const user = newId()
    const { conversation } = await remember(system, ['Likes tea'], { user })
    const { ref } = conversation
    const blob = await blobs.put(ref, Buffer.from('a secret'), 'text/plain')
    await conversation.answer(3 + round * 40)
    const asked = await Promise.all([erase(ref), erase(ref)])
    expect(asked[0]).toEqual({ epoch: 1, seq: await system.log.lastPosition(ref) })
    expect(asked[1]).toEqual(asked[0])
    expect([await leftInStream(system, ref), await rowsOf(system, ref), await blobs.get(ref, blob)]).toEqual([
      1,
      0,
      null,
    ])
    await expect(new ChainWriter(system.log, ref, 0).append(note())).rejects.toMatchObject({ code: 'session_erased' })
    // What was remembered lives on until somebody wants it gone, also afterwards.
    expect(await memoriesOf(user)).toEqual(['Likes tea'])
    expect(await erase(ref, round % 2 === 0)).toEqual(asked[0])
    expect(await memoriesOf(user)).toEqual(round % 2 === 0 ? [] : ['Likes tea'])
  }
  expect(await erase({ tenant: 'acme', session: newId() })).toBeNull()
})

test('with a session goes what was remembered of it, if that is asked for, and nothing else', async () => {
  const user = newId()
  const { conversation } = await remember(system, ['Likes tea'], { user })
  await remember(system, ['Likes jazz'], { user })
  await erase(conversation.ref, true)
  expect(await memoriesOf(user)).toEqual(['Likes jazz'])
})

test('a session that streams is erased, and its writer hears of it', async () => {
  const conversation = new Conversation(system.log)
  const { run, message } = await conversation.begin()
  const notices = new NoticeListener(system.log, conversation.ref, () => undefined)
  const streaming = (async () => {
    for (let sequence = 1; ; sequence++) {
      await notices.holdBack()
      await Promise.all([conversation.delta(run, message, sequence, 'word '), sleep(2)])
    }
  })()
  // Either it finds the event, or finds that all before it is gone.
  const ended = expect(streaming).rejects.toThrow(/Somebody else has written|was erased/)
  const erased = await erase(conversation.ref)
  await ended
  notices.close()
  expect([await system.log.lastPosition(conversation.ref), await rowsOf(system, conversation.ref)]).toEqual([
    erased!.seq,
    0,
  ])
})

function note() {
  const event = draft('session.titled', { title: 'back again' }) as SpoolEvent
  return { id: newId(), type: event.type, body: encodeEvent(event) }
}
