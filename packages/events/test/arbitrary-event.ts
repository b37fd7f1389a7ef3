import * as fc from 'fast-check'
import { readEvent } from '../src/vocabulary/parse-event.ts'
import type { SpoolEvent } from '../src/vocabulary/event.ts'
import type { Placed } from '../src/placed.ts'
import { fixtureEvents } from './fixtures.ts'

// Every golden event with its ids and numbers drawn from small pools, so that events of a random list meet.

const pools: Record<string, fc.Arbitrary<unknown>> = {
  run: fc.constantFrom('r1', 'r2', 'r3'),
  message: fc.constantFrom('m1', 'm2', 'm3', 'm4'),
  call: fc.constantFrom('c1', 'c2'),
  confirmation: fc.constantFrom('q1', 'q2'),
  artifact: fc.constantFrom('a1', 'a2'),
  attempt: fc.integer({ min: 1, max: 3 }),
  sequence: fc.integer({ min: 1, max: 4 }),
  kept: fc.integer({ min: 0, max: 12 }),
  purpose: fc.constantFrom('answer', 'plan', 'summary', 'title', 'memory'),
  kind: fc.constantFrom('agent', 'external'),
  memory: fc.constantFrom('on', 'off'),
  text: fc.string({ unit: 'binary', maxLength: 6 }),
  at: fc.date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true }).map((date) => date.toISOString()),
}

const notPooled: Record<string, readonly string[]> = {
  'confirmation.requested': ['kind'],
  'artifact.created': ['kind'],
  // Here it says how to ask, not which question.
  'run.queued': ['confirmation'],
  'run.started': ['confirmation'],
}

const known: fc.Arbitrary<SpoolEvent> = fc
  .constantFrom(...fixtureEvents().filter((event) => event.type !== 'session.erased'))
  .chain((event) => {
    const fixed = notPooled[event.type] ?? []
    const fields = Object.keys(event).filter((field) => field in pools && !fixed.includes(field))
    return fc
      .record(Object.fromEntries(fields.map((field) => [field, pools[field] as fc.Arbitrary<unknown>])))
      .map((drawn) => valid({ ...event, ...drawn }))
  })

export const arbitraryUnknown: fc.Arbitrary<SpoolEvent> = fc
  .record({
    type: fc.constantFrom('run.paused', 'custom.x', 'toString', 'zzz'),
    run: pools['run'] ?? fc.constant('r1'),
  })
  .map((drawn) => valid({ v: 9, at: '2026-11-20T09:50:00.000Z', message: 'm1', text: 'x', ...drawn }))

export const arbitraryEvent = fc.oneof({ weight: 12, arbitrary: known }, { weight: 1, arbitrary: arbitraryUnknown })

/** Events in any order, most of which no writer would append. */
export const arbitraryLog: fc.Arbitrary<Placed[]> = fc
  .array(arbitraryEvent, { maxLength: 60, size: 'max' })
  .map((events) => events.map((event, index) => ({ seq: index * 3 + 1, event })))

function valid(raw: unknown): SpoolEvent {
  const read = readEvent(raw)
  if (!read.ok) throw new Error(read.reason)
  return read.event
}
