import { newId } from '@spool/events'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { caughtUp } from './support/caught-up.ts'
import { Conversation } from './support/conversation.ts'
import { startSystem, type System } from './support/system.ts'
import { until } from './support/until.ts'

let system: System
beforeAll(async () => {
  system = await startSystem()
  system.startCopy()
  await system.ready()
})
afterAll(() => system?.stop())

/** Whoever follows the log may make consumers; one that pushes delivers to wherever somebody listens. */
test('an event that a consumer pushes to where queries are asked is no query', async () => {
  const { log, bus } = system
  const victim = new Conversation(log)
  await victim.answer(3)
  const forger = new Conversation(log, newId(), 'others')
  await forger.say('custom.note', { data: { ...victim.ref, by: 'nobody', memories: true } })
  await caughtUp(system)
  const stream = log.subjects.logStream(forger.ref)
  const name = newId()
  await bus.jsm.consumers.add(stream, {
    name,
    deliver_subject: 'query.erase',
    deliver_group: 'persistence',
    filter_subject: log.subjects.log(forger.ref),
    ack_policy: 'none',
    inactive_threshold: 60e9,
  })
  await until('it was pushed', async () => (await bus.jsm.consumers.info(stream, name)).delivered.consumer_seq === 1)
  // What is asked behind it is done.
  for (let n = 0; n < 2; n++) {
    const other = new Conversation(log)
    await other.answer(1)
    expect(await system.queries.ask('erase', { ...other.ref, by: 'user', memories: false }, 7000)).not.toBeNull()
  }
  expect((await log.end(victim.ref)).erased).toBe(false)
})
