import { startTelemetry, type Telemetry } from '@spool/telemetry'
import { startTraceCollector, type TraceCollector } from '@spool/telemetry/testing'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { ToolError } from '../src/tools/tool-error.ts'
import { Deployment } from './support/deployment.ts'
import { toolOf } from './support/test-tools.ts'
import { ToolSession } from './support/tool-session.ts'
import { type RunningToolWorker, startToolWorker } from './support/tool-worker.ts'

const CONTENT = 'OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT'
const SECRET = 'where the treasure is'

let collector: TraceCollector
let telemetry: Telemetry
let spool: Deployment
let worker: RunningToolWorker

beforeAll(async () => {
  collector = await startTraceCollector()
  vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', collector.url)
  vi.stubEnv('OTEL_EXPORTER_OTLP_PROTOCOL', 'http/json')
  telemetry = await startTelemetry({ service: 'agent-orchestrator', instance: 'agent-orchestrator-1' })
  spool = await Deployment.start()
  const tools = [
    toolOf({ name: 'finds', run: async (input) => input }),
    toolOf({ name: 'loses', run: () => Promise.reject(new ToolError('lost', SECRET)) }),
  ]
  worker = await startToolWorker({ url: spool.nats.url, name: 'worker', tools })
})
afterEach(() => vi.stubEnv(CONTENT, undefined))
afterAll(async () => {
  await worker?.stop()
  await spool?.stop()
  await telemetry?.shutdown()
  await collector?.close()
  vi.unstubAllEnvs()
})

async function called(name: string): Promise<{ session: ToolSession; call: string }> {
  const session = await ToolSession.begin(spool)
  const call = await session.call(name, { asked: SECRET })
  await session.untilRunGoesOn()
  return { session, call }
}

const spanOf = (call: string) => collector.span(({ attributes }) => attributes['gen_ai.tool.call.id'] === call)

test('each attempt is a span and is measured, without a word of what went in or came out', async () => {
  const found = await called('finds')
  const lost = await called('loses')
  const span = await spanOf(found.call)
  expect([span.name, span.error, span.attributes]).toEqual([
    'execute_tool finds',
    undefined,
    {
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': 'finds',
      'gen_ai.tool.call.id': found.call,
      'gen_ai.conversation.id': found.session.ref.session,
      'spool.tenant': 'test',
      'spool.session': found.session.ref.session,
      'spool.run': found.session.run,
      'spool.attempt': 1,
      outcome: 'completed',
    },
  ])
  const failed = await spanOf(lost.call)
  expect(failed).toMatchObject({ error: 'lost', attributes: { outcome: 'failed', 'error.type': 'lost' } })
  expect(collector.bodies.join()).not.toContain(SECRET)
  const metrics = await (await fetch(`http://127.0.0.1:${telemetry.metricsPort}/metrics`)).text()
  expect(metrics).toMatch(/^spool_tool_attempts_total\{[^}]*gen_ai_tool_name="finds"[^}]*reason="first"[^}]*\} 1$/m)
  expect(metrics).toMatch(/^spool_tool_duration_count\{[^}]*gen_ai_tool_name="loses"[^}]*outcome="failed"[^}]*\} 1$/m)
})

test('its events carry the trace', async () => {
  const { session, call } = await called('finds')
  const span = await spanOf(call)
  const traced = (await spool.chain(session.ref)).filter(({ trace }) => trace?.includes(span.spanId))
  expect(traced.map(({ type }) => type)).toEqual(['tool.started', 'tool.completed'])
})

test('where content is wanted, what went in and came out is in the span', async () => {
  vi.stubEnv(CONTENT, 'true')
  const { call } = await called('finds')
  const json = JSON.stringify({ asked: SECRET })
  expect((await spanOf(call)).attributes).toMatchObject({
    'gen_ai.tool.call.arguments': json,
    'gen_ai.tool.call.result': json,
  })
})
