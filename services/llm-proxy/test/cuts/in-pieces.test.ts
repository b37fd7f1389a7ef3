import { expect, test } from 'vitest'
import { RecordedAnswer } from './recorded-answer.ts'
import { recordedBody } from './recorded-body.ts'
import { recordings } from './recordings.ts'
import { RouteInProcess } from './route-in-process.ts'
import type { WireFormatName } from './wire-formats.ts'
import { writeInProcess } from './write-in-process.ts'

const formats: readonly WireFormatName[] = [
  'openai-responses',
  'compatible-chat',
  'anthropic-messages',
  'google-gemini',
  'ollama-chat',
]

test.each(formats)('an answer is the same wherever it comes in two pieces (%s)', async (format) => {
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

test.each(recordings)('an answer is the same when it comes byte by byte (%s, %s)', async (format, kind) => {
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
