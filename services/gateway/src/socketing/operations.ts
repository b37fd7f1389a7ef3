import { Inject, Injectable } from '@nestjs/common'
import { formatCursor } from '@spool/events'
import { type Bus, type Hub, type SessionRef, WholeSession } from '@spool/log'
import { requireScope, sessionFor } from '../admitting/allowed.ts'
import { SCOPES_OF_OPERATIONS } from '../admitting/needed-scope.ts'
import { answererOf } from '../admitting/person.ts'
import { Cancels } from '../cancelling/cancels.ts'
import { readConfirmBody } from '../confirming/confirm-body.ts'
import { Confirmations } from '../confirming/confirmations.ts'
import { StreamLimit } from '../limiting/stream-limit.ts'
import { readBody } from '../problems/invalid-body.ts'
import { busUnavailable, shuttingDown } from '../problems/known-problems.ts'
import { Problem } from '../problems/problem.ts'
import { Told } from '../reading/told.ts'
import { Draining } from '../serving/draining.ts'
import { linksOf } from '../starting/links.ts'
import { readRunBody } from '../starting/run-body.ts'
import { checkedKey, confirmIdOf } from '../starting/run-id.ts'
import { refusal, Starts } from '../starting/starts.ts'
import { assertBegun } from '../streaming/assert-begun.ts'
import { parsedCursor } from '../streaming/cursor-of-request.ts'
import { FeedLease } from '../streaming/feed-lease.ts'
import { OpenStreams } from '../streaming/open-streams.ts'
import { Resumption } from '../streaming/resumption.ts'
import { BUS, HUB } from '../tokens.ts'
import type { ClientSocket } from './client-socket.ts'
import { type Operation, operationSchema } from './operation.ts'
import { SocketOutlet } from './socket-outlet.ts'
import { SOCKET_WIRE } from './socket-wire.ts'

type Asked<Name extends Operation['op']> = Extract<Operation, { op: Name }>
type Reply = (ok: object) => void

/** What clients ask for over a WebSocket: the same as over HTTP, by the same means. */
@Injectable()
export class Operations {
  constructor(
    @Inject(BUS) private readonly bus: Bus,
    @Inject(HUB) private readonly hub: Hub,
    @Inject(OpenStreams) private readonly streams: OpenStreams,
    @Inject(Resumption) private readonly resumption: Resumption,
    @Inject(Starts) private readonly starts: Starts,
    @Inject(Cancels) private readonly cancels: Cancels,
    @Inject(Confirmations) private readonly confirmations: Confirmations,
    @Inject(Told) private readonly told: Told,
    @Inject(Draining) private readonly draining: Draining,
    @Inject(StreamLimit) private readonly limit: StreamLimit,
  ) {}

  async carryOut(client: ClientSocket, asked: unknown, reply: Reply): Promise<void> {
    if (this.draining.begun) throw shuttingDown()
    const operation = readBody(operationSchema, asked)
    requireScope(client.caller, SCOPES_OF_OPERATIONS[operation.op])
    const ref = sessionFor(client.caller, operation.session)
    switch (operation.op) {
      case 'follow':
        return this.follow(client, ref, operation, reply)
      case 'unfollow':
        client.follows(ref.session)?.leave()
        return reply({ session: ref.session })
      case 'run':
        return reply(await this.run(client, ref, operation))
      case 'cancel':
        return reply(await this.cancel(ref, operation))
      case 'confirm':
        return reply(await this.confirm(client, ref, operation))
    }
  }

  private async follow(client: ClientSocket, ref: SessionRef, asked: Asked<'follow'>, reply: Reply): Promise<void> {
    const { session } = ref
    const cursor = parsedCursor(asked.after ?? '')
    if (client.follows(session) !== undefined) {
      throw new Problem(409, 'already_followed', 'This connection follows the session already. Unfollow it first.')
    }
    if (!this.bus.connected) throw busUnavailable()
    const outlet = new SocketOutlet(client, session)
    outlet.onClose(this.limit.take(client.caller))
    client.remember(session, outlet)
    const lease = new FeedLease(this.hub, ref)
    try {
      const { feed } = await lease.openedInTime()
      await assertBegun(feed)
      const { after, reset } = await this.resumption.from(feed, cursor)
      if (client.follows(session) !== outlet) throw new Problem(409, 'unfollowed', 'It was unfollowed meanwhile.')
      reply({ session, after: reset?.cursor ?? formatCursor(cursor) })
      const stream = this.streams.open(ref, new WholeSession(), outlet, lease, SOCKET_WIRE)
      if (reset !== undefined) void client.tell({ session, id: reset.cursor, reset })
      stream.attach(feed, after)
    } catch (error) {
      lease.release()
      outlet.leave()
      throw error
    }
  }

  /** Answered when it is safe, and taken up where that is known in time. Its events come to who follows the session. */
  private async run(client: ClientSocket, ref: SessionRef, asked: Asked<'run'>): Promise<object> {
    const { op: _op, id: _id, session, idempotency_key, ...body } = asked
    const started = await this.starts.start(ref, readRunBody(body), checkedKey(idempotency_key), client.caller)
    try {
      const before = await this.starts.placeBefore(ref, started)
      const { run } = started
      return { session, run, cursor: before === null ? null : formatCursor(before), links: linksOf(session, run) }
    } finally {
      started.release()
    }
  }

  /** `cancelled` only when the partial answer is durable. */
  private async cancel(ref: SessionRef, { session, run }: Asked<'cancel'>): Promise<object> {
    const answer = await this.cancels.ask(ref, run, { by: 'user', reason: 'user' })
    if (answer === null) return { session, run, status: 'cancelling', cursor: null }
    if (!answer.ok) throw refusal(answer)
    this.told.note(ref, answer.seq)
    return { session, run, status: answer.status, cursor: formatCursor(answer) }
  }

  /** `accepted` only when the answer is in the log. */
  private async confirm(client: ClientSocket, ref: SessionRef, asked: Asked<'confirm'>): Promise<object> {
    const { op: _op, id: _id, session, confirmation, idempotency_key, ...rest } = asked
    const answered = readConfirmBody(rest)
    const { user, ...body } = answered
    const request = confirmIdOf(checkedKey(idempotency_key), answered)
    const answer = await this.confirmations.ask(ref, {
      request,
      confirmation,
      ...body,
      by: answererOf(client.caller, user),
      via: 'websocket',
    })
    const about = { session, confirmation, action: body.action }
    if (answer === null) return { ...about, status: 'pending', cursor: null }
    if (!answer.ok) throw refusal(answer)
    this.told.note(ref, answer.seq)
    return { ...about, run: answer.run, status: 'accepted', cursor: formatCursor(answer) }
  }
}
