import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common'
import type { KeyWatch } from '@spool/log'
import type { Logger } from '@spool/telemetry'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { WebSocketServer } from 'ws'
import { problemOf } from '../problems/problem-of.ts'
import { Problem } from '../problems/problem.ts'
import { Draining } from '../serving/draining.ts'
import { KEYS, LOGGER } from '../tokens.ts'
import { ClientSocket } from './client-socket.ts'
import { Operations } from './operations.ts'
import type { Upgrade } from './upgrades.ts'

/** Half of what a connection may be dead before that is noticed. */
const PING_MS = 15_000
const LOOK_AT_KEYS_MS = 1000
const MAX_MESSAGE_BYTES = 1024 * 1024
/** A client that asks for more at once waits for its answers. */
const MOST_AT_ONCE = 32

/** Every WebSocket of this process. */
@Injectable()
export class Sockets implements OnModuleDestroy {
  private readonly open = new Set<ClientSocket>()
  private readonly server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: MAX_MESSAGE_BYTES,
    perMessageDeflate: false,
  })
  private readonly timers: readonly NodeJS.Timeout[]

  constructor(
    @Inject(Operations) private readonly operations: Operations,
    @Inject(Draining) private readonly draining: Draining,
    @Inject(KEYS) keys: KeyWatch,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    keys.onRevoked(() => this.closeRefused())
    draining.signal.addEventListener('abort', () => this.sendAllAway())
    this.timers = [
      setInterval(() => this.closeRefused(), LOOK_AT_KEYS_MS),
      setInterval(() => this.each((socket) => socket.ping()), PING_MS),
    ]
  }

  onModuleDestroy(): void {
    for (const timer of this.timers) clearInterval(timer)
  }

  accept(request: FastifyRequest, reply: FastifyReply, { socket, head }: Upgrade): void {
    reply.hijack()
    reply.raw.detachSocket(socket as never)
    this.server.handleUpgrade(request.raw, socket, head, (opened) => {
      const client = new ClientSocket(opened, request.caller, request.id)
      this.open.add(client)
      opened.once('close', () => this.open.delete(client))
      let under = 0
      opened.on('message', (data, isBinary) => {
        // What it sends meanwhile waits in its connection.
        if (++under >= MOST_AT_ONCE) opened.pause()
        void this.carryOut(client, isBinary ? null : (data as Buffer)).finally(() => {
          if (under-- >= MOST_AT_ONCE) opened.resume()
        })
      })
      if (this.draining.begun) client.sendAway()
    })
  }

  private async carryOut(client: ClientSocket, data: Buffer | null): Promise<void> {
    let re: unknown = null
    try {
      const asked = read(data)
      if (typeof asked === 'object' && asked !== null && 'id' in asked) re = asked.id
      await this.operations.carryOut(client, asked, (ok) => client.tell({ re, ok }))
    } catch (error) {
      const problem = problemOf(error)
      if (problem.status === 500)
        this.logger.error({ err: problem.cause, request_id: client.requestId }, 'An operation failed')
      client.tell({ re: isName(re) ? re : null, error: problem.document(client.requestId) })
    }
  }

  private closeRefused(): void {
    this.each((socket) => {
      if (!socket.caller.counts()) socket.refuse()
    })
  }

  private sendAllAway(): void {
    this.each((socket) => socket.sendAway())
  }

  private each(what: (socket: ClientSocket) => void): void {
    for (const socket of this.open) what(socket)
  }
}

function read(data: Buffer | null): unknown {
  try {
    if (data !== null) return JSON.parse(data.toString())
  } catch {
    // Told below.
  }
  throw new Problem(
    400,
    'malformed_json',
    'A message is one JSON object, as text: {"op": "follow", "id": 1, "session": …}.',
  )
}

const isName = (re: unknown) => typeof re === 'string' || typeof re === 'number'
