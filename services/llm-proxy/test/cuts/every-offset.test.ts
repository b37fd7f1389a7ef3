import { describe, expect, test } from 'vitest'
import { cutEverywhere } from './cut-everywhere.ts'
import { RecordedAnswer } from './recorded-answer.ts'
import { recordings } from './recordings.ts'
import { RouteInProcess } from './route-in-process.ts'
import { type WireFormatName, wireFormats } from './wire-formats.ts'

const formats = Object.keys(wireFormats) as WireFormatName[]

/** So that each format is seen torn and ended early. */
const goingOn = formats.filter((format) => wireFormats[format].takesBeginning)
const anew = formats.filter((format) => !goingOn.includes(format) || format === 'anthropic-messages')

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

  test.each(goingOn)('goes on at the same route where that takes a beginning (%s)', async (format) => {
    const answer = new RecordedAnswer(format, 'text')
    const route = new RouteInProcess(format, { model: 'only', continues: 'prefill', attempts: 2 })
    const { tried, faults, kept } = await cutEverywhere(answer, 'end', [route], answer.rest(format))
    expect(faults).toEqual([])
    expect(tried).toBe(answer.bytes.length + 1)
    expect(kept.size).toBeGreaterThan(2)
  })

  test.each(anew)('begins anew where no route takes a beginning (%s)', async (format) => {
    const answer = new RecordedAnswer(format, 'text')
    const first = new RouteInProcess(format, { model: 'first', continues: 'restart', attempts: 1 })
    const second = new RouteInProcess('compatible-chat', { model: 'second', continues: 'restart', attempts: 1 })
    const { tried, faults, kept } = await cutEverywhere(answer, 'end', [first, second], answer.anew(second.format))
    expect(faults).toEqual([])
    expect(tried).toBe(answer.bytes.length + 1)
    expect([...kept]).toEqual([0])
  })
})
