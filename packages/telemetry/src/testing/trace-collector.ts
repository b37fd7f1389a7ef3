import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

export interface CollectedSpan {
  service: string
  name: string
  traceId: string
  spanId: string
  parentSpanId: string | undefined
  kind: 'internal' | 'server' | 'client' | 'producer' | 'consumer'
  /** What is said of an error; undefined where there was none. */
  error: string | undefined
  attributes: Record<string, unknown>
  links: { traceId: string; spanId: string }[]
}

export interface TraceCollector {
  /** For OTEL_EXPORTER_OTLP_ENDPOINT. */
  url: string
  spans: readonly CollectedSpan[]
  /** What was sent, byte for byte: to look for what must not be there, wherever it may hide. */
  bodies: readonly string[]
  /** The first span that fits, also one that comes later. */
  span(fits: (span: CollectedSpan) => boolean, timeoutMs?: number): Promise<CollectedSpan>
  close(): Promise<void>
}

/** A receiver of OTLP traces (HTTP, JSON) for tests: keeps every span it is sent. */
export async function startTraceCollector(): Promise<TraceCollector> {
  const spans: CollectedSpan[] = []
  const bodies: string[] = []
  const waiting = new Set<() => void>()
  const server = createServer((request, response) => void receive(request, response))
  const receive = async (request: IncomingMessage, response: ServerResponse) => {
    try {
      const body = await text(request)
      bodies.push(body)
      spans.push(...spansOf(JSON.parse(body) as ExportRequest))
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
    } catch {
      response.writeHead(400).end()
    }
    for (const look of waiting) look()
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    bodies,
    span: (fits, timeoutMs = 10_000) =>
      new Promise((resolve, reject) => {
        const settle = (end: () => void) => {
          clearTimeout(timer)
          waiting.delete(look)
          end()
        }
        const look = () => {
          const found = spans.find(fits)
          if (found) settle(() => resolve(found))
        }
        const timer = setTimeout(() => {
          settle(() => reject(new Error(`No such span within ${timeoutMs} ms; seen: ${listed(spans)}`)))
        }, timeoutMs)
        waiting.add(look)
        look()
      }),
    close: async () => {
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

const listed = (spans: readonly CollectedSpan[]) =>
  spans.map(({ service, name }) => `${service}: ${name}`).join(', ') || 'none'

interface KeyValue {
  key: string
  value: Record<string, unknown>
}

interface ExportRequest {
  resourceSpans?: {
    resource?: { attributes?: KeyValue[] }
    scopeSpans?: {
      spans?: {
        name: string
        traceId: string
        spanId: string
        parentSpanId?: string
        kind?: number
        status?: { code?: number; message?: string }
        attributes?: KeyValue[]
        links?: { traceId: string; spanId: string }[]
      }[]
    }[]
  }[]
}

/** As OTLP numbers them, from 1. */
const kinds = ['internal', 'server', 'client', 'producer', 'consumer'] as const
const ERROR = 2

function spansOf({ resourceSpans = [] }: ExportRequest): CollectedSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans = [] }) => {
    const service = String(plain(resource?.attributes)['service.name'])
    return scopeSpans
      .flatMap(({ spans = [] }) => spans)
      .map(({ name, traceId, spanId, parentSpanId, kind = 1, status, attributes, links = [] }) => ({
        service,
        name,
        traceId,
        spanId,
        parentSpanId: parentSpanId || undefined,
        kind: kinds[kind - 1] ?? 'internal',
        error: status?.code === ERROR ? (status.message ?? '') : undefined,
        attributes: plain(attributes),
        links,
      }))
  })
}

/** `[{key, value: {stringValue: 'x'}}]` as `{key: 'x'}`. */
function plain(list: KeyValue[] = []): Record<string, unknown> {
  return Object.fromEntries(list.map(({ key, value }) => [key, plainValue(value)]))
}

function plainValue(value: Record<string, unknown>): unknown {
  const [plainest] = Object.values(value)
  if (!('arrayValue' in value)) return plainest
  const { values = [] } = plainest as { values?: Record<string, unknown>[] }
  return values.map(plainValue)
}
