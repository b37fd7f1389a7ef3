import { Readable } from 'node:stream'
import { Inject, Injectable } from '@nestjs/common'
import type { MessageContext, RawMessage, ShownMessage, View, ViewQuery } from '@spool/dialects'
import { languageOf } from '@spool/events'
import { QueryRefused, type SessionRef } from '@spool/log'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { StatusReport } from '../health/status-report.ts'
import { sessionNotFound } from '../problems/known-problems.ts'
import { Problem } from '../problems/problem.ts'
import { Snapshots } from '../reading/snapshots.ts'
import { inRequestSpan } from '../serving/request-span.ts'
import { sessionOf } from '../serving/request.ts'
import { OpenStreams } from '../streaming/open-streams.ts'

type MessagesView = Extract<View, { of: 'messages' }>

/** In memory at a time. */
const PAGE = 200

/** Which messages are told: those from the last so many on, but for the first few of them. */
interface Range {
  readonly last?: number
  readonly skip: number
}

/** What a dialect shows beside its streams. */
@Injectable()
export class Views {
  constructor(
    @Inject(Snapshots) private readonly snapshots: Snapshots,
    @Inject(OpenStreams) private readonly streams: OpenStreams,
    @Inject(StatusReport) private readonly status: StatusReport,
  ) {}

  show(view: View, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    return inRequestSpan(request, async () => {
      const query = readQuery(view, request)
      if (view.of === 'status') await reply.send(view.tell(await this.status.makeLong()))
      else await this.showMessages(view, query, sessionOf(request), reply)
    })
  }

  private async showMessages(view: MessagesView, query: ViewQuery, ref: SessionRef, reply: FastifyReply) {
    const atLeast = this.streams.highest(ref)
    const snapshot = await this.snapshots.session(ref, atLeast)
    if (snapshot === null) throw sessionNotFound(ref.session)
    const { language } = snapshot.session as { language?: string | null }
    const about = { session: ref.session, language: languageOf(language) }
    const range = await this.rangeOf(view, query, ref, atLeast, about)
    const array = arrayOf(this.told(view, query, ref, atLeast, about, range))
    // Until the first of them is there it can still be said what is wrong.
    const first = await array.next()
    reply.header('x-spool-session', ref.session).type('application/json; charset=utf-8')
    await reply.send(Readable.from(resumed(first, array), { objectMode: false, highWaterMark: 64 * 1024 }))
  }

  /** Some messages are not told, so the last so many may begin further back. */
  private async rangeOf(
    view: MessagesView,
    { limit }: ViewQuery,
    ref: SessionRef,
    atLeast: number,
    about: MessageContext,
  ): Promise<Range> {
    if (limit === undefined) return { skip: 0 }
    for (let last = limit; ;) {
      let count = 0
      let isAll = false
      for await (const page of this.pages(ref, atLeast, last)) {
        isAll ||= page.from === 0
        for (const message of page.messages) if (view.tell(message, about) !== undefined) count++
      }
      if (count >= limit || isAll) return { last, skip: Math.max(0, count - limit) }
      // Twice as many: there may be many of them in a row.
      last *= 2
    }
  }

  private async *told(
    view: MessagesView,
    { raw = false }: ViewQuery,
    ref: SessionRef,
    atLeast: number,
    about: MessageContext,
    { last, skip }: Range,
  ): AsyncGenerator<string> {
    let toSkip = skip
    for await (const { messages } of this.pages(ref, atLeast, last)) {
      for (const message of messages) {
        if (view.tell(message, about) === undefined || toSkip-- > 0) continue
        const told = raw ? { ...about, raw: await this.rawOf(ref, atLeast, message.id) } : about
        yield JSON.stringify(view.tell(message, told))
      }
    }
  }

  private async *pages(ref: SessionRef, atLeast: number, last: number | undefined) {
    let after: string | undefined
    do {
      const beginning = after === undefined ? { last } : { after }
      const page = await this.snapshots.messages(ref, atLeast, { limit: PAGE, ...beginning })
      if (page === null) throw sessionNotFound(ref.session)
      const { messages, next, from } = page
      yield { messages: messages as ShownMessage[], from }
      after = next ?? undefined
    } while (after !== undefined)
  }

  private async rawOf(ref: SessionRef, atLeast: number, message: string): Promise<RawMessage | null> {
    try {
      return (await this.snapshots.raw(ref, atLeast, message)) as RawMessage | null
    } catch (error) {
      if (error instanceof QueryRefused && error.code === 'not_requested') return null
      throw error
    }
  }
}

function readQuery(view: View, request: FastifyRequest): ViewQuery {
  const read = view.query.safeParse(request.query)
  if (read.success) return read.data
  const [issue] = read.error.issues
  throw new Problem(400, 'invalid_query', `${issue?.path.join('.')}: ${issue?.message}.`)
}

async function* arrayOf(elements: AsyncIterable<string>): AsyncGenerator<string> {
  let before = '['
  for await (const element of elements) {
    yield before + element
    before = ','
  }
  yield before === '[' ? '[]' : ']'
}

async function* resumed(first: IteratorResult<string>, rest: AsyncGenerator<string>): AsyncGenerator<string> {
  if (first.done !== true) yield first.value
  yield* rest
}
