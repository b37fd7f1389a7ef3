import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** `up`: from the client to the server; `down`: back. */
export type Direction = 'up' | 'down'

/** Sees every chunk of bytes before it is passed on: gives back what to pass on, or null to swallow it. */
export type Intercept = (chunk: Buffer) => Buffer | null

export interface TcpProxy {
  readonly port: number
  /** Destroys every connection; new ones are accepted. */
  cutAll(): void
  /** While on, a new connection is closed at once. */
  refuse(on: boolean): void
  /** While on, bytes are held back, as in a network that stopped answering; afterwards they go on their way. */
  stall(direction: Direction | 'both', on: boolean): void
  /** From now on bytes arrive so much later, in both directions; what is on its way when a connection ends is lost. */
  delay(ms: number): void
  /** Until it is called with `undefined`. */
  intercept(direction: Direction, intercept: Intercept | undefined): void
  stop(): Promise<void>
}

interface Connection {
  client: Socket
  server: Socket
}

/** Stands between a client and a server and does to their connection what networks do. */
export async function startTcpProxy(target: { host?: string; port: number }): Promise<TcpProxy> {
  const connections = new Set<Connection>()
  const stalled: Record<Direction, boolean> = { up: false, down: false }
  const intercepts: Record<Direction, Intercept | undefined> = { up: undefined, down: undefined }
  let refusing = false
  let delayMs = 0

  const pass = (direction: Direction, from: Socket, to: Socket) => {
    const onTheirWay: Buffer[] = []
    if (stalled[direction]) from.pause()
    const write = (chunk: Buffer) => {
      // A reader who is slow makes the writer wait, as without a proxy.
      if (!to.destroyed && !to.write(chunk)) from.pause()
    }
    to.on('drain', () => stalled[direction] || from.resume())
    from.on('data', (chunk: Buffer) => {
      const intercept = intercepts[direction]
      const passedOn = intercept ? intercept(chunk) : chunk
      if (passedOn === null) return
      if (delayMs === 0 && onTheirWay.length === 0) return write(passedOn)
      // Each timer lets the first one go, so that none overtakes another when the delay changes.
      onTheirWay.push(passedOn)
      setTimeout(() => write(onTheirWay.shift()!), delayMs)
    })
  }

  const listener = createServer({ noDelay: true }, (client) => {
    if (refusing) return client.destroy()
    const server = connect({ host: target.host ?? '127.0.0.1', port: target.port, noDelay: true })
    const connection = { client, server }
    connections.add(connection)
    const cut = () => {
      client.destroy()
      server.destroy()
      connections.delete(connection)
    }
    for (const socket of [client, server]) socket.on('error', cut).on('close', cut)
    pass('up', client, server)
    pass('down', server, client)
  })
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')

  const cutAll = () => {
    for (const { client, server } of connections) {
      client.destroy()
      server.destroy()
    }
    connections.clear()
  }

  return {
    port: (listener.address() as AddressInfo).port,
    cutAll,
    refuse: (on) => void (refusing = on),
    stall(direction, on) {
      for (const one of direction === 'both' ? (['up', 'down'] as const) : [direction]) {
        stalled[one] = on
        for (const { client, server } of connections) {
          const from = one === 'up' ? client : server
          if (on) from.pause()
          else from.resume()
        }
      }
    },
    delay: (ms) => void (delayMs = ms),
    intercept: (direction, intercept) => void (intercepts[direction] = intercept),
    async stop() {
      cutAll()
      listener.close()
      if (listener.listening) await once(listener, 'close')
    },
  }
}
