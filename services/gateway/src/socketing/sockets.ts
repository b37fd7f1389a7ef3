import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common'
import type { LimitCatalogue } from '@spool/config'
import type { KeyWatch } from '@spool/log'
import type { Logger } from '@spool/telemetry'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { type WebSocket, WebSocketServer } from 'ws'
import { RequestLimit } from '../limiting/request-limit.ts'
import { StreamLimit } from '../limiting/stream-limit.ts'
import { problemOf } from '../problems/problem-of.ts'
import { Problem } from '../problems/problem.ts'
import { Draining } from '../serving/draining.ts'
import { limitBody, limitNesting } from '../serving/json-body.ts'
import { KEYS, LIMITS, LOGGER } from '../tokens.ts'
import { LONGEST_NAME } from './operation.ts'
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
    @Inject(RequestLimit) private readonly requests: RequestLimit,
    @Inject(StreamLimit) private readonly limit: StreamLimit,
    @Inject(LIMITS) private readonly limits: LimitCatalogue,
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

  /** Throws where its caller has too many streams already. */
  accept(request: FastifyRequest, reply: FastifyReply, { socket, head }: Upgrade): void {
    const release = this.limit.take(request.caller)
    socket.once('close', release)
    // Its client has left already.
    if (socket.destroyed) release()
    reply.hijack()
    reply.raw.detachSocket(socket as never)
    this.server.handleUpgrade(request.raw, socket, head, (opened) => {
      const client = new ClientSocket(opened, request.caller, request.id)
      this.open.add(client)
      opened.once('close', () => this.open.delete(client))
      this.listen(opened, client)
      if (this.draining.begun) client.sendAway()
    })
  }

  /** Nothing more is read while as much as may be is under way, answers that its client has not taken included. */
  private listen(opened: WebSocket, client: ClientSocket): void {
    const waiting: (Buffer | null)[] = []
    let under = 0
    const goOn = () => {
      while (under < MOST_AT_ONCE && waiting.length > 0) {
        under++
        void this.carryOut(client, waiting.shift()!).finally(() => {
          under--
          goOn()
        })
      }
      // What was read together with a message that has to wait is here already.
      if (waiting.length > 0) opened.pause()
      else opened.resume()
    }
    opened.on('message', (data, isBinary) => {
      waiting.push(isBinary ? null : (data as Buffer))
      goOn()
    })
  }

  private async carryOut(client: ClientSocket, data: Buffer | null): Promise<void> {
    let re: unknown = null
    let told = Promise.resolve()
    try {
      // What it had sent before it was told so.
      if (!client.caller.counts()) return client.refuse()
      let asked: unknown
      try {
        asked = this.read(client, data)
        if (typeof asked === 'object' && asked !== null && 'id' in asked) re = asked.id
      } finally {
        // Rubbish counts, too.
        this.requests.count(client.caller)
      }
      await this.operations.carryOut(client, asked, (ok) => {
        told = client.tell({ re, ok })
      })
    } catch (error) {
      const problem = problemOf(error)
      if (problem.status === 500)
        this.logger.error({ err: problem.cause, request_id: client.requestId }, 'An operation failed')
      told = client.tell({ re: isName(re) ? re : null, error: problem.document(client.requestId) })
    }
    await told
  }

  private read(client: ClientSocket, data: Buffer | null): unknown {
    if (data === null) throw notJson()
    limitBody(data.length, this.limits, client.caller)
    const asked = parsed(data)
    limitNesting(asked)
    return asked
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

function parsed(data: Buffer): unknown {
  try {
    return JSON.parse(data.toString())
  } catch {
    throw notJson()
  }
}

function notJson(): Problem {
  return new Problem(
    400,
    'malformed_json',
    'A message is one JSON object, as text: {"op": "follow", "id": 1, "session": …}.',
  )
}

const isName = (re: unknown) => (typeof re === 'string' && re.length <= LONGEST_NAME) || typeof re === 'number'
