import { startTraceCollector } from '@spool/telemetry/testing'
import { afterEach, expect, test } from 'vitest'
import { caughtUp } from './support/caught-up.ts'
import { Conversation } from './support/conversation.ts'
import { startSystem, type System } from './support/system.ts'

let system: System
afterEach(() => system.stop())

test("a request's trace reaches the row of its event, and the batch is linked with it", async () => {
  system = await startSystem()
  const collector = await startTraceCollector()
  try {
    system.startCopy({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' })
    await system.ready()
    const traceId = '0af7651916cd43dd8448eb211c80319c'
    const traceparent = `00-${traceId}-b7ad6b7169203331-01`
    const conversation = new Conversation(system.log)
    const { run, message } = await conversation.begin()
    const at = await conversation.say(
      'message.completed',
      { run, message, status: 'complete', reason: 'stop' },
      traceparent,
    )
    const row = await collector.span((span) => span.traceId === traceId)
    expect(row).toMatchObject({
      service: 'persistence',
      name: 'store message.completed',
      parentSpanId: 'b7ad6b7169203331',
    })
    const batch = await collector.span((span) => span.links.some((link) => link.spanId === row.spanId))
    expect(batch.name).toBe('store batch')
    await caughtUp(system)
    const [stored] = await system.sql<{ trace: string }>('select trace from events where seq = $1', [at])
    expect(stored!.trace).toBe(traceparent)
  } finally {
    await collector.close()
  }
})
