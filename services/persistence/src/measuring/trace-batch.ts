import type { StreamedEvent } from '@spool/log'
import { inTrace } from '@spool/log'
import { attributes, markFailed, tracer } from '@spool/telemetry'

const MAX_LINKS = 64

/**
 * A span per batch, linked with the traces whose events are in it, and in each of these a short span of its own, so
 * that a trace reaches from the request to the row. Only run, generation and tool events carry a trace.
 */
export async function traceBatch<Result>(
  batch: readonly StreamedEvent[],
  store: () => Promise<Result>,
): Promise<Result> {
  const startTime = Date.now()
  const rows = batch
    .filter(({ stored }) => stored.trace !== undefined)
    .map(({ stored }) =>
      inTrace(stored.trace, () =>
        tracer().startSpan(`store ${stored.type}`, {
          startTime,
          attributes: { [attributes.messagingMessageId]: stored.id, [attributes.seq]: stored.seq },
        }),
      ),
    )
  const span = tracer().startSpan('store batch', {
    startTime,
    attributes: { [attributes.messagingBatchSize]: batch.length },
    links: rows.slice(0, MAX_LINKS).map((row) => ({ context: row.spanContext() })),
  })
  try {
    const result = await store()
    for (const row of rows) row.end()
    return result
  } catch (error) {
    markFailed(span, error)
    throw error
  } finally {
    span.end()
  }
}
