import { expect, test } from 'vitest'
import { jsonOutput } from './json-output.ts'

test('every line is a JSON object, whatever a process writes', () => {
  const lines: string[] = []
  const output = jsonOutput({ write: (text) => lines.push(...text.trimEnd().split('\n')) })
  output.say('building')
  output.done('NATS', 12.34)
  output.line('gateway-1', '{"level":"info","time":"2026-11-20T12:00:00.123Z","msg":"hello"}')
  output.line('gateway-1', 'TypeError: fetch failed')
  output.ready({ url: 'http://h', key: 'k', dataFolder: '/d', serversFolder: undefined, models: 'm', durationMs: 1 })
  const parsed = lines.map((line) => JSON.parse(line))
  expect(parsed.map(({ msg }) => msg)).toEqual(['building', 'NATS', 'hello', 'TypeError: fetch failed', 'ready'])
  expect(parsed[3]).toMatchObject({ level: 'warn', instance: 'gateway-1' })
  expect(parsed[4]).toMatchObject({ url: 'http://h', key: 'k', dataFolder: '/d' })
})
