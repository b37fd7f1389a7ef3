import { Controller, Inject } from '@nestjs/common'
import { MessagePattern } from '@nestjs/microservices'
import { runOf } from '@spool/events'
import { BlobArchive, Blobs, Queries } from '@spool/log'
import type { Observable } from 'rxjs'
import { Answers } from './answers.ts'
import { messageAsk, messagesAsk, openRunsAsk, rawAsk, runAsk, sessionsAsk, snapshotAsk } from './ask.ts'
import { findMessage, findRun } from './find-piece.ts'
import { listSessions } from './list-sessions.ts'
import { pageOfMessages } from './page-of-messages.ts'
import { cursorOf, publicArtifact, publicQuestion, publicRun, publicSessionState } from './public-shape.ts'
import { rawMessage } from './raw-message.ts'
import { sessionAsked, sessionStoodAt } from './stood-at.ts'
import { withTimes } from './with-times.ts'

const SESSIONS_PER_PAGE = 50

/** What the gateway asks for its clients, each with the position it stands at. */
@Controller()
export class SnapshotsController {
  constructor(@Inject(Answers) private readonly answers: Answers) {}

  @MessagePattern('query.sessions')
  sessions(data: unknown): Promise<Observable<string>> {
    return this.answers.to(sessionsAsk, data, ({ kysely }, { tenant, limit, before }) =>
      listSessions(kysely, tenant, limit ?? SESSIONS_PER_PAGE, before ?? null),
    )
  }

  /** How many runs of a tenant have not ended. */
  @MessagePattern('query.open_runs')
  openRuns(data: unknown): Promise<Observable<string>> {
    return this.answers.to(openRunsAsk, data, async ({ kysely }, { tenant }) => {
      const { open } = await kysely
        .selectFrom('runs')
        .select((count) => count.fn.countAll<number>().as('open'))
        .where('tenant', '=', tenant)
        .where('open', '=', true)
        .where('ended_at', 'is', null)
        .executeTakeFirstOrThrow()
      return { open: Number(open) }
    })
  }

  @MessagePattern('query.session')
  session(data: unknown): Promise<Observable<string>> {
    return this.answers.ofLiving(snapshotAsk, data, async (context, ask) => {
      const loaded = await sessionAsked(context, ask, { messages: 'open', finished: false })
      if (loaded === null) return null
      return {
        session: { ...publicSessionState(ask, loaded.state), erased: loaded.state.erased },
        cursor: cursorOf(loaded),
      }
    })
  }

  @MessagePattern('query.messages')
  messages(data: unknown): Promise<Observable<string>> {
    return this.answers.ofLiving(messagesAsk, data, async (context, ask) => {
      const found = await pageOfMessages(context, ask)
      if (found === null) return null
      const { page, next, from, loaded } = found
      const messages = await withTimes(context.kysely, ask, page)
      return { messages, next, ...(ask.last != null && { from }), cursor: cursorOf(loaded) }
    })
  }

  @MessagePattern('query.message')
  message(data: unknown): Promise<Observable<string>> {
    return this.answers.ofLiving(messageAsk, data, async (context, { at, message: id, ...ref }) => {
      if (at == null) return findMessage(context.kysely, ref, id)
      const loaded = await sessionStoodAt(context, ref, at, (messages) => messages.filter((one) => one.id === id))
      const message = loaded?.state.messages[0]
      if (loaded == null || message === undefined) return null
      const [told] = await withTimes(context.kysely, ref, [message])
      return { message: told, cursor: cursorOf(loaded) }
    })
  }

  @MessagePattern('query.raw')
  raw(data: unknown): Promise<Observable<string>> {
    return this.answers.ofLiving(rawAsk, data, ({ kysely, log }, { message, ...ref }) => {
      const blobs = new Blobs(log.bus, new BlobArchive(new Queries(log.bus)))
      return rawMessage(kysely, blobs, ref, message)
    })
  }

  @MessagePattern('query.run')
  run(data: unknown): Promise<Observable<string>> {
    return this.answers.ofLiving(runAsk, data, async (context, { at, run: id, ...ref }) => {
      if (at == null) return findRun(context.kysely, ref, id)
      const loaded = await sessionStoodAt(context, ref, at, () => [])
      const run = loaded === null ? undefined : runOf(loaded.state, id)
      return loaded && run ? { run: publicRun(ref, run), cursor: cursorOf(loaded) } : null
    })
  }

  @MessagePattern('query.confirmations')
  confirmations(data: unknown): Promise<Observable<string>> {
    return this.answers.ofLiving(snapshotAsk, data, async (context, ask) => {
      const loaded = await sessionAsked(context, ask, { messages: 'open', finished: true })
      if (loaded === null) return null
      const { question, questions } = loaded.state
      const all = question === null ? questions : [...questions, question]
      return { confirmations: all.map(publicQuestion), cursor: cursorOf(loaded) }
    })
  }

  @MessagePattern('query.artifacts')
  artifacts(data: unknown): Promise<Observable<string>> {
    return this.answers.ofLiving(snapshotAsk, data, async (context, ask) => {
      const loaded = await sessionAsked(context, ask, { messages: 'open', finished: true })
      if (loaded === null) return null
      return { artifacts: loaded.state.artifacts.map(publicArtifact), cursor: cursorOf(loaded) }
    })
  }
}
