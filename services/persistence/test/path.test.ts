import { afterAll, beforeAll, expect, test } from 'vitest'
import { Conversation } from './support/conversation.ts'
import { startSystem, type System } from './support/system.ts'

let system: System
beforeAll(async () => {
  system = await startSystem()
  system.startCopy()
  await system.ready()
})
afterAll(() => system.stop())

test('what was appended is in the database, its snapshots can be asked for, each with its cursor', async () => {
  const conversation = new Conversation(system.log)
  const { run, message } = await conversation.answer(20)
  const atLeast = { seq: conversation.seq }
  const snapshot = await system.queries.ask('messages', { ...conversation.ref, atLeast }, 6000)
  expect(snapshot).toMatchObject({
    cursor: { epoch: 1, seq: conversation.seq },
    messages: [
      { role: 'user', text: 'Hello', status: 'complete' },
      { id: message, run, role: 'assistant', status: 'complete', streaming: { chunks_count: 20 } },
    ],
  })
  const rows = await system.sql('select seq from events order by seq')
  expect(rows).toHaveLength(27)
})
