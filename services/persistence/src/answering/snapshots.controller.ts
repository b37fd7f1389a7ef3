import { Controller, Inject } from '@nestjs/common'
import { MessagePattern } from '@nestjs/microservices'
import type { Observable } from 'rxjs'
import { loadSession } from '@spool/store'
import { Answers } from './answers.ts'
import { messageAsk, messagesAsk, runAsk, sessionsAsk, snapshotAsk } from './ask.ts'
import { findMessage, findRun } from './find-piece.ts'
import { listSessions } from './list-sessions.ts'
import { cursorOf, publicArtifact, publicMessage, publicQuestion, publicSessionState } from './public-shape.ts'

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

  @MessagePattern('query.session')
  session(data: unknown): Promise<Observable<string>> {
    return this.answers.ofLiving(snapshotAsk, data, async ({ kysely }, ref) => {
      const loaded = await loadSession(kysely, ref, { messages: 'open', finished: false })
      if (loaded === null) return null
      return {
        session: { ...publicSessionState(ref, loaded.state), erased: loaded.state.erased },
        cursor: cursorOf(loaded),
      }
    })
  }

  @MessagePattern('query.messages')
  messages(data: unknown): Promise<Observable<string>> {
    return this.answers.ofLiving(messagesAsk, data, async ({ kysely }, ask) => {
      const page = { after: ask.after ?? 0, limit: ask.limit ?? null }
      const loaded = await loadSession(kysely, ask, { messages: page, finished: false })
      if (loaded === null) return null
      const { messages } = loaded.state
      // What is asked of a model and has no word yet is nothing to show.
      const shown = messages.filter((message) => message.status !== 'requested' && isShown(message))
      const isFull = page.limit !== null && messages.length >= page.limit
      return {
        messages: shown.map((message) => publicMessage(ask, message)),
        next: isFull ? String(messages.at(page.limit! - 1)!.firstSeq) : null,
        cursor: cursorOf(loaded),
      }
    })
  }

  @MessagePattern('query.message')
  message(data: unknown): Promise<Observable<string>> {
    return this.answers.ofLiving(messageAsk, data, ({ kysely }, ask) => findMessage(kysely, ask, ask.message))
  }

  @MessagePattern('query.run')
  run(data: unknown): Promise<Observable<string>> {
    return this.answers.ofLiving(runAsk, data, ({ kysely }, ask) => findRun(kysely, ask, ask.run))
  }

  @MessagePattern('query.confirmations')
  confirmations(data: unknown): Promise<Observable<string>> {
    return this.answers.ofLiving(snapshotAsk, data, async ({ kysely }, ref) => {
      const loaded = await loadSession(kysely, ref, { messages: 'open', finished: true })
      if (loaded === null) return null
      const { question, questions } = loaded.state
      const all = question === null ? questions : [...questions, question]
      return { confirmations: all.map(publicQuestion), cursor: cursorOf(loaded) }
    })
  }

  @MessagePattern('query.artifacts')
  artifacts(data: unknown): Promise<Observable<string>> {
    return this.answers.ofLiving(snapshotAsk, data, async ({ kysely }, ref) => {
      const loaded = await loadSession(kysely, ref, { messages: 'open', finished: true })
      if (loaded === null) return null
      return { artifacts: loaded.state.artifacts.map(publicArtifact), cursor: cursorOf(loaded) }
    })
  }
}

function isShown(message: { readonly purpose: string | null }): boolean {
  return message.purpose === null || message.purpose === 'answer'
}
