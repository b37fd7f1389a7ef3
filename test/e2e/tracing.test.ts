import { type RunningPostgres, type SpoolUnderTest, startPostgres, startSpool } from '@spool/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { genAiMetrics } from '../../packages/telemetry/src/gen-ai.ts'
import { metricsOf } from '../../packages/telemetry/src/metrics-of.ts'
import {
  busMetrics,
  gatewayMetrics,
  persistenceMetrics,
  processMetrics,
  runMetrics,
} from '../../packages/telemetry/src/names.ts'
import {
  type CollectedSpan,
  startTraceCollector,
  type TraceCollector,
} from '../../packages/telemetry/src/testing/index.ts'
import { type Database, openDatabase } from '@spool/store'
import { followRun, start, stream, until } from './support/system.ts'

const PROVIDER_KEY = 'sk-never-to-be-seen-0123456789'
const QUESTION = 'Whatever-becomes-of-this-question'

let collector: TraceCollector
let postgres: RunningPostgres
let database: Database
let spool: SpoolUnderTest

beforeAll(async () => {
  collector = await startTraceCollector()
  postgres = await startPostgres()
  spool = await startSpool({
    postgres,
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OPENAI_API_KEY: PROVIDER_KEY,
    },
  })
  database = openDatabase({ url: postgres.url, name: 'judge', connections: 1 })
})

afterAll(async () => {
  await database?.close()
  await spool?.stop()
  await postgres?.stop()
  await collector?.close()
})

const rowsOf = (session: string) =>
  database.kysely
    .selectFrom('events')
    .select(['type', 'run', 'trace'])
    .where('session', '=', session)
    .orderBy('seq')
    .execute()

test('one trace leads from the HTTP request through all four services to the rows in the database', async () => {
  const { status, frames } = await stream(spool, 'traced', { message: QUESTION, model: 'demo/echo?tps=0' })
  expect(status).toBe(200)
  const request = await collector.span(({ service, name }) => service === 'gateway' && name.startsWith('POST'))
  const { traceId } = request
  const stored = await collector.span((span) => span.traceId === traceId && span.name === 'store run.completed', 20_000)
  expect(stored.service).toBe('persistence')
  const ofTrace = () => collector.spans.filter((span) => span.traceId === traceId)
  const parentOf = ({ parentSpanId }: CollectedSpan) => ofTrace().find(({ spanId }) => spanId === parentSpanId)
  // A parent is sent when it ends, which may be after its children.
  await until('every parent', () => ofTrace().every((span) => span === request || parentOf(span) !== undefined))
  expect(request.parentSpanId).toBeUndefined()

  const chain = (span: CollectedSpan): string[] => {
    const parent = parentOf(span)
    return [...(parent === undefined ? [] : chain(parent)), `${span.service}: ${span.name}`]
  }
  expect(chain(stored)).toEqual([
    'gateway: POST /v1/sessions/:session/runs',
    'agent-orchestrator: process intake',
    'llm-proxy: process llm',
    'agent-orchestrator: process run',
    'persistence: store run.completed',
  ])
  const generation = ofTrace().find(({ name }) => name === 'store generation.started')!
  expect(chain(generation).slice(-3)).toEqual([
    'llm-proxy: process llm',
    'llm-proxy: chat demo/echo',
    'persistence: store generation.started',
  ])
  const call = parentOf(generation)!
  expect(call.attributes).toMatchObject({
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'demo',
    'gen_ai.conversation.id': 'traced',
    'spool.run': frames[0]!.data.run,
    'spool.attempt': 1,
    outcome: 'completed',
  })
  expect(call.attributes['gen_ai.usage.output_tokens']).toBeGreaterThan(0)
  // One span for a call, none for a token.
  expect(ofTrace().length).toBeLessThan(20)

  const rows = await rowsOf('traced')
  expect(rows.filter((row) => row.trace !== null).map((row) => row.type)).toEqual([
    'run.started',
    'generation.started',
    'run.completed',
  ])
  for (const row of rows) if (row.trace !== null) expect(row.trace.split('-')[1]).toBe(traceId)
})

test("a caller's own trace goes on in ours", async () => {
  const traceId = '0af7651916cd43dd8448eb211c80319c'
  const { run } = await start(
    spool,
    'continued',
    { message: QUESTION, model: 'demo/echo?tps=0' },
    { traceparent: `00-${traceId}-b7ad6b7169203331-01` },
  )
  await followRun(spool, 'continued', run)
  const request = await collector.span((span) => span.traceId === traceId && span.service === 'gateway')
  expect(request.parentSpanId).toBe('b7ad6b7169203331')
  await until('the last row', async () => (await rowsOf('continued')).at(-1)?.type === 'run.completed')
  const traces = (await rowsOf('continued')).flatMap(({ trace }) => (trace === null ? [] : [trace.split('-')[1]]))
  expect(new Set(traces)).toEqual(new Set([traceId]))
})

test('a failed answer is an error in its trace, by its code', async () => {
  const { run } = await start(spool, 'failing', { message: QUESTION, model: 'demo/fail?after=2&code=provider_refused' })
  await followRun(spool, 'failing', run)
  const call = await collector.span((span) => span.attributes['spool.run'] === run && span.name.startsWith('chat'))
  expect(call.attributes['error.type']).toBe('provider_refused')
})

test('every service serves what it measures, under the names that dashboards know', async () => {
  const used = {
    gateway: [gatewayMetrics.connections, gatewayMetrics.deliveryLatency],
    'agent-orchestrator': [],
    'llm-proxy': [
      genAiMetrics.duration,
      genAiMetrics.timeToFirstChunk,
      genAiMetrics.inputTokens,
      genAiMetrics.outputTokensPerCall,
      runMetrics.attempts,
      busMetrics.ackDuration,
    ],
    persistence: [
      persistenceMetrics.lag,
      persistenceMetrics.batchSize,
      persistenceMetrics.transactions,
      persistenceMetrics.events,
      persistenceMetrics.diverged,
    ],
  }
  for (const [service, metrics] of Object.entries(used)) {
    const response = await fetch(`http://127.0.0.1:${spool.ports.metrics[`${service}-1`]}/metrics`)
    expect(response.status).toBe(200)
    const text = await response.text()
    for (const { name } of [...metrics, ...Object.values(processMetrics)]) {
      expect(text, `${name} of ${service}`).toContain(`\n${name.replaceAll('.', '_')}`)
    }
    // A session, a run or the parameters of a model would be a time series each.
    expect(text).not.toMatch(/traced|tps=/)
  }
})

test('no service serves a metric that is not in the list', async () => {
  for (const service of ['gateway', 'agent-orchestrator', 'llm-proxy', 'persistence'] as const) {
    const text = await (await fetch(`http://127.0.0.1:${spool.ports.metrics[`${service}-1`]}/metrics`)).text()
    const served = [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name = '']) => name.replace(/_total$/, ''))
    const listed = Object.values({ ...metricsOf[service], ...metricsOf['every service'] }).map(({ name }) =>
      name.replaceAll('.', '_'),
    )
    expect(served.filter((name) => name !== 'target_info' && !listed.includes(name))).toEqual([])
    expect(served.length).toBeGreaterThan(3)
  }
})

test('no key and not a word of a conversation is in any span', async () => {
  const everything = collector.bodies.join('\n')
  expect(collector.spans.length).toBeGreaterThan(10)
  for (const secret of [spool.key, PROVIDER_KEY, QUESTION]) expect(everything).not.toContain(secret)
})
