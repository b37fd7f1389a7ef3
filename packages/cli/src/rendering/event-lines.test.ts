import { expect, test } from 'vitest'
import { Output } from '../output/output.ts'
import { EventLines } from './event-lines.ts'
import type { Body } from './fields.ts'

/** What a terminal is sent, with the times left out. */
function shown(events: readonly Body[], { each = false, json = false } = {}): string[] {
  let text = ''
  const terminal = { write: (piece: string) => ((text += piece), true) }
  const lines = new EventLines(new Output(json, terminal, terminal, false), each)
  for (const event of events) lines.show(event)
  lines.end()
  return text
    .replaceAll(/[-\d]{2}:[-\d]{2}:[-\d]{2} {2}/g, '')
    .split('\n')
    .slice(0, -1)
}

const delta = (message: string, text: string) => ({ type: 'text.delta', message, text, at: '2026-11-20T09:50:03.973Z' })
const titled = { type: 'session.titled', title: 'Rain', cursor: '1-4' }

test('the pieces of one message flow together, over lines and all', () => {
  expect(shown([delta('m', 'It'), delta('m', ' rains.\nA'), delta('m', ' lot.'), titled])).toEqual([
    'text.delta              It rains.',
    'A lot.',
    'session.titled          Rain',
  ])
})

test('another message, or anything between, begins a line of its own', () => {
  expect(shown([delta('m', 'one'), delta('n', 'two'), titled, delta('n', 'three')])).toEqual([
    'text.delta              one',
    'text.delta              two',
    'session.titled          Rain',
    'text.delta              three',
  ])
})

test('what a terminal would obey is shown, also where it came in pieces', () => {
  expect(shown([delta('m', '\u001B'), delta('m', '[2J'), { type: '\u001B[31m', title: 1 }])).toEqual([
    'text.delta              ␛[2J',
    '␛[31m                   {"title":1}',
  ])
})

test('the events of a tool name it', () => {
  const progress = { type: 'tool.progress', call: 'c', progress: 0.5 }
  expect(shown([progress, { type: 'tool.called', call: 'c', name: 'clock', input: {} }, progress])).toEqual([
    'tool.progress           50 %',
    'tool.called             clock {}',
    'tool.progress           clock: 50 %',
  ])
})

test('with each event on a line, its cursor stands first', () => {
  expect(shown([{ ...delta('m', 'a\nb'), cursor: '1-3' }, titled], { each: true })).toEqual([
    '1-3        text.delta              a⏎b',
    '1-4        session.titled          Rain',
  ])
})

test('as JSON it is the event', () => {
  expect(shown([titled], { json: true }).map((line) => JSON.parse(line) as unknown)).toEqual([titled])
})
