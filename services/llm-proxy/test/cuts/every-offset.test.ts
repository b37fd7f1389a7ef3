import { describe, expect, test } from 'vitest'
import { cutEverywhere } from './cut-everywhere.ts'
import { RecordedAnswer } from './recorded-answer.ts'
import { recordedBody } from './recorded-body.ts'
import type { Kind } from './recordings/recorded-answers.ts'
import { RouteInProcess } from './route-in-process.ts'
import { type WireFormatName, wireFormats } from './wire-formats.ts'
import { writeInProcess } from './write-in-process.ts'

const formats = Object.keys(wireFormats) as WireFormatName[]
const going = formats.filter((format) => wireFormats[format].takesBeginning)

const recordings: readonly (readonly [WireFormatName, Kind])[] = [
  ...formats.map((format) => [format, 'text'] as const),
  ['anthropic-messages', 'reasoning'],
  ['google-gemini', 'reasoning'],
  ['ollama-chat', 'reasoning'],
  ['compatible-chat', 'calls'],
  ['anthropic-messages', 'calls'],
  ['google-gemini', 'calls'],
  ['ollama-chat', 'calls'],
]

describe('an answer that breaks off, wherever it does', () => {
  test.each(recordings)('goes on at another route from what is there (%s, %s)', async (format, kind) => {
    const answer = new RecordedAnswer(format, kind)
    const first = new RouteInProcess(format, { model: 'first', continues: 'prefill', attempts: 1 })
    const second = new RouteInProcess('compatible-chat', { model: 'second', continues: 'prefill', attempts: 1 })
    const { tried, faults, kept } = await cutEverywhere(answer, 'reset', [first, second], answer.rest(second.format))
    expect(faults).toEqual([])
    expect(tried).toBe(answer.bytes.length + 1)
    expect(kept.size).toBeGreaterThan(2)
  })

  test.each(going)('goes on at the same route where that takes a beginning (%s)', async (format) => {
    const answer = new RecordedAnswer(format, 'text')
    const route = new RouteInProcess(format, { model: 'only', continues: 'prefill', attempts: 2 })
    const { tried, faults, kept } = await cutEverywhere(answer, 'end', [route], answer.rest(format))
    expect(faults).toEqual([])
    expect(tried).toBe(answer.bytes.length + 1)
    expect(kept.size).toBeGreaterThan(2)
  })

  test.each(formats)('begins anew where no route takes a beginning (%s)', async (format) => {
    const answer = new RecordedAnswer(format, 'text')
    const first = new RouteInProcess(format, { model: 'first', continues: 'restart', attempts: 1 })
    const second = new RouteInProcess('compatible-chat', { model: 'second', continues: 'restart', attempts: 1 })
    const { tried, faults, kept } = await cutEverywhere(answer, 'end', [first, second], answer.anew(second.format))
    expect(faults).toEqual([])
    expect(tried).toBe(answer.bytes.length + 1)
    expect([...kept]).toEqual([0])
  })
})

describe('an answer that is not cut', () => {
  test.each(formats)('is the same wherever it comes in two pieces (%s)', async (format) => {
    const answer = new RecordedAnswer(format, 'text')
    const { bytes } = answer
    const route = new RouteInProcess(format, { model: 'only', continues: 'end', attempts: 1 })
    const faults: number[] = []
    let tried = 0
    for (let offset = 0; offset <= bytes.length; offset++, tried++) {
      route.willAnswer(() => recordedBody([bytes.subarray(0, offset), bytes.subarray(offset)], 'end'))
      if (!answer.isWholeIn(await writeInProcess(route), 1)) faults.push(offset)
    }
    expect(faults).toEqual([])
    expect(tried).toBe(bytes.length + 1)
  })

  test.each(recordings)('is the same when it comes byte by byte (%s, %s)', async (format, kind) => {
    const answer = new RecordedAnswer(format, kind)
    const route = new RouteInProcess(format, { model: 'only', continues: 'end', attempts: 1 })
    route.willAnswer(() =>
      recordedBody(
        Array.from(answer.bytes, (byte) => Uint8Array.of(byte)),
        'end',
      ),
    )
    const outcome = await writeInProcess(route)
    expect(answer.isWholeIn(outcome, 1), JSON.stringify(outcome)).toBe(true)
  })
})
