import { expect, test } from 'vitest'
import { contentWanted } from './content-wanted.ts'

const wanted = (value?: string) => contentWanted({ OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT: value })

test.each(['true', 'True', ' TRUE ', 'SPAN_ONLY', 'span_and_event'])('%j switches it on', (value) => {
  expect(wanted(value)).toBe(true)
})

test.each([undefined, '', 'false', '1', 'yes', 'NO_CONTENT', 'EVENT_ONLY'])('%j does not', (value) => {
  expect(wanted(value)).toBe(false)
})
