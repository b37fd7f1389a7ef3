import { expect, test } from 'vitest'
import { readableOutput } from './readable-output.ts'

function written(use: (output: ReturnType<typeof readableOutput>) => void): string {
  let text = ''
  use(readableOutput({ write: (more: string | Uint8Array) => ((text += String(more)), true) }))
  return text
}

test("a service's log line is one a person can read", () => {
  const line = JSON.stringify({
    level: 'warn',
    time: '2026-11-20T12:00:00.123Z',
    service: 'gateway',
    status: 503,
    msg: 'no bus',
    err: { message: 'refused' },
  })
  expect(written((output) => output.line('gateway-1', line))).toMatch(
    /^\d\d:\d\d:00\.123 gateway-1 warn no bus: refused status=503\n$/,
  )
})

test('the numbers of levels are words', () => {
  const line = JSON.stringify({ level: 30, time: 1_763_640_000_123, msg: 'hello' })
  expect(written((output) => output.line('gateway-1', line))).toContain(' gateway-1 info hello')
})

test('what is no log line is shown as it is', () => {
  expect(written((output) => output.line('gateway-1', '{ "broken'))).toMatch(/ gateway-1 \{ "broken\n$/)
})

test('the banner says where, with which key, which models, where the data lies, and what to try', () => {
  const facts = {
    url: 'http://127.0.0.1:8080',
    key: 'k-1',
    dataFolder: '/data',
    models: 'default = ollama/llama3.2',
    serversFolder: '/var/lib/spool/x',
    durationMs: 2345,
  }
  const text = written((output) => output.ready(facts))
  for (const part of [
    'http://127.0.0.1:8080',
    'k-1',
    '/data',
    '/var/lib/spool/x',
    'default = ollama/llama3.2',
    '2.3 s',
  ])
    expect(text).toContain(part)
  expect(text).toContain(
    'curl -N -H "authorization: Bearer k-1" -H "accept: text/event-stream" -H "content-type: application/json" ' +
      `-d '{"message":"Hello"}' http://127.0.0.1:8080/v1/sessions/hello/runs`,
  )
})
