import { context, propagation } from '@opentelemetry/api'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { markFailed, startTelemetry, tracer, type Telemetry } from '../src/index.ts'
import { startTraceCollector, type TraceCollector } from '../src/testing/index.ts'

let collector: TraceCollector
let telemetry: Telemetry | undefined

beforeEach(async () => {
  collector = await startTraceCollector()
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await telemetry?.shutdown()
  await collector.close()
})

const start = async () => {
  telemetry = await startTelemetry({ service: 'llm-proxy', instance: 'llm-proxy-1' })
}

test('spans reach the receiver that the standard variable names, with parent, service and attributes', async () => {
  vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', collector.url)
  vi.stubEnv('OTEL_EXPORTER_OTLP_PROTOCOL', 'http/json')
  await start()
  await tracer().startActiveSpan('outer', async (outer) => {
    await Promise.resolve()
    tracer().startActiveSpan('inner', { attributes: { 'spool.attempt': 2 } }, (inner) => inner.end())
    outer.end()
  })
  const outer = await collector.span(({ name }) => name === 'outer')
  const inner = await collector.span(({ name }) => name === 'inner')
  expect(inner).toMatchObject({
    service: 'llm-proxy',
    traceId: outer.traceId,
    parentSpanId: outer.spanId,
    attributes: { 'spool.attempt': 2 },
  })
  expect(outer.parentSpanId).toBeUndefined()
})

test('a trace goes on from a traceparent that came from outside', async () => {
  vi.stubEnv('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', `${collector.url}/v1/traces`)
  await start()
  const traceId = '0af7651916cd43dd8448eb211c80319c'
  const carrier = { traceparent: `00-${traceId}-b7ad6b7169203331-01` }
  context.with(propagation.extract(context.active(), carrier), () => {
    tracer().startActiveSpan('continued', (span) => {
      const onward: Record<string, string> = {}
      propagation.inject(context.active(), onward)
      expect(onward['traceparent']).toBe(`00-${traceId}-${span.spanContext().spanId}-01`)
      span.end()
    })
  })
  expect(await collector.span(({ name }) => name === 'continued')).toMatchObject({
    traceId,
    parentSpanId: 'b7ad6b7169203331',
  })
})

test('what was not sent yet is sent at shutdown', async () => {
  vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', collector.url)
  await start()
  tracer().startSpan('last').end()
  await telemetry?.shutdown()
  expect(collector.spans.map(({ name }) => name)).toEqual(['last'])
})

test('a failed span says by what code or class, and not a word of the error', async () => {
  vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', collector.url)
  await start()
  const failures = { coded: Object.assign(new Error('Quoting you'), { code: 'a_code' }), plain: new TypeError('You') }
  for (const [name, error] of Object.entries({ ...failures, thrown: 'you' })) {
    const span = tracer().startSpan(name)
    markFailed(span, error)
    span.end()
  }
  await telemetry?.shutdown()
  expect(collector.spans.map(({ name, error, attributes }) => [name, error, attributes['error.type']])).toEqual([
    ['coded', 'a_code', 'a_code'],
    ['plain', 'TypeError', 'TypeError'],
    ['thrown', 'unknown', 'unknown'],
  ])
  expect(collector.bodies.join('')).not.toMatch(/you/i)
})

test('without a receiver there are no traces', async () => {
  await start()
  const span = tracer().startSpan('nobody listens')
  expect(span.isRecording()).toBe(false)
})
