// What one event costs a reader. `node packages/events/bench/events.ts`
import { draft, emptySession, encodeEvent, fold, parseEvent, schemaOf, type SessionState } from '../src/index.ts'
import { isDelta } from '../src/vocabulary/is-delta.ts'
import type { Body } from '../src/vocabulary/upcast.ts'

const COUNT = 300_000
const delta = { run: '01K9Z6QW8H3Y5T2N7R4B0C1D01', message: '01K9Z6QW8H3Y5T2N7R4B0C1D11', sequence: 1, text: ' token' }
const event = draft('text.delta', delta)
const bytes = encodeEvent(event)
const body = event as unknown as Body
const schema = schemaOf('text.delta')

measure('schema alone', () => schema?.safeParse(body))
measure('check by hand alone', () => isDelta(body))
measure('JSON.parse alone', () => JSON.parse(new TextDecoder().decode(bytes)) as unknown)
measure('parseEvent of a text.delta', () => parseEvent(bytes))
const completed = { run: 'r1', message: 'm1', status: 'complete' as const, reason: 'stop' }
const rare = encodeEvent(draft('message.completed', completed))
measure('parseEvent of a message.completed', () => parseEvent(rare))
measure('draft and encode a text.delta', () => encodeEvent(draft('text.delta', delta)))
for (const messages of [1, 100, 1_000]) {
  let state = session(messages)
  let sequence = 0
  measure(`fold of a text.delta, session of ${messages} messages`, () => {
    sequence++
    state = fold(state, { seq: state.seq + 1, event: { ...event, run: 'r', message: 'open', sequence } })
  })
}

/** A session with an open answer after so many messages. */
function session(messages: number): SessionState {
  let state = emptySession()
  const add = (next: Parameters<typeof fold>[1]['event']) => {
    state = fold(state, { seq: state.seq + 1, event: next })
  }
  add(draft('run.started', { run: 'r', kind: 'agent' }))
  for (let index = 1; index < messages; index++) {
    add(draft('message.added', { run: 'r', message: `m${index}`, role: 'user', parts: [{ type: 'text', text: 'x' }] }))
  }
  add(draft('message.requested', { run: 'r', message: 'open', purpose: 'answer', model: 'm' }))
  return state
}

function measure(name: string, action: () => unknown): void {
  for (let index = 0; index < COUNT / 10; index++) action()
  const start = process.hrtime.bigint()
  for (let index = 0; index < COUNT; index++) action()
  const ns = Number(process.hrtime.bigint() - start) / COUNT
  process.stdout.write(`${name}: ${(ns / 1000).toFixed(2)} µs, ${Math.round(1e9 / ns).toLocaleString('en')}/s\n`)
}
