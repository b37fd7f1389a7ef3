import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { MetricsPortUnavailable } from './metrics-port-unavailable.ts'

export interface Health {
  ok: boolean
  /** What is wrong, or how things stand, for the one who looks after it. */
  detail: unknown
}

export interface MetricsServer {
  port: number
  close(): Promise<void>
}

type Handler = (request: IncomingMessage, response: ServerResponse) => void

const healthTimeoutMs = 2_000

/** A small server of its own, so that a busy or a not yet started service can still be looked into. */
export async function startMetricsServer(options: {
  host: string
  port: number
  metrics: Handler
  health: () => Promise<Health>
}): Promise<MetricsServer> {
  const routes: Record<string, Handler> = {
    '/metrics': options.metrics,
    '/healthz': (_request, response) => void answerHealth(options.health, response),
  }
  const server = createServer((request, response) => {
    const [path = ''] = (request.url ?? '').split('?')
    const handler = routes[path]
    if (!handler) response.writeHead(404).end()
    else if (request.method !== 'GET' && request.method !== 'HEAD')
      response.writeHead(405, { allow: 'GET, HEAD' }).end()
    else handler(request, response)
  })
  await listening(server, options.host, options.port)
  // A process that has nothing else to do may end; nobody has to remember this server.
  server.unref()
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

function listening(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => reject(new MetricsPortUnavailable(host, port, { cause })))
    server.listen({ host, port }, () => resolve())
  })
}

async function answerHealth(check: () => Promise<Health>, response: ServerResponse): Promise<void> {
  const health = await withinTime(check)
  response.writeHead(health.ok ? 200 : 503, { 'content-type': 'application/json' })
  response.end(JSON.stringify(health))
}

async function withinTime(check: () => Promise<Health>): Promise<Health> {
  const { promise: late, resolve } = Promise.withResolvers<Health>()
  const timer = setTimeout(resolve, healthTimeoutMs, { ok: false, detail: `no answer within ${healthTimeoutMs} ms` })
  try {
    return await Promise.race([check(), late])
  } catch (error) {
    return { ok: false, detail: error instanceof Error ? error.message : 'the check failed' }
  } finally {
    clearTimeout(timer)
  }
}
