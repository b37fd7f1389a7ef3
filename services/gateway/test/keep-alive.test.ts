import { newId } from '@spool/events'
import { afterAll, beforeAll, test, vi } from 'vitest'
import { Watcher } from './support/http.ts'
import { startSystem, type System } from './support/system.ts'

let system: System
beforeAll(async () => {
  system = await startSystem()
})
afterAll(async () => {
  vi.useRealTimers()
  await system?.stop()
})

test('an idle stream has a comment every 15 seconds', async () => {
  const session = newId()
  await system.orchestrator.append({ tenant: 'default', session }, 'session.titled', { title: 'A title' })
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  const watcher = await Watcher.open(system.url, `/v1/sessions/${session}/events`)
  await watcher.untilType('session.titled')
  vi.advanceTimersByTime(15_000)
  await watcher.until(({ raw }) => raw.endsWith(': \n\n'))
  vi.advanceTimersByTime(15_000)
  await watcher.until(({ raw }) => raw.endsWith(': \n\n: \n\n'))
  watcher.cut()
})
