import { Inject, Injectable } from '@nestjs/common'
import { newId } from '@spool/events'
import { type ForkReply, type ForkRequest, type Log, ReplyInbox, type SessionRef } from '@spool/log'
import { queueRequest } from '../serving/queueing.ts'
import { LOG } from '../tokens.ts'

/** Long enough for most sessions to be copied. */
const REPLY_TIMEOUT_MS = 5000

@Injectable()
export class Forks {
  constructor(@Inject(LOG) private readonly log: Log) {}

  /** `null`: the copy is not whole yet; the request is safe and will be carried out. */
  async ask(ref: SessionRef, from: Omit<ForkRequest, 'request'>): Promise<ForkReply | null> {
    const inbox = new ReplyInbox<ForkReply>(this.log.bus)
    try {
      // Whoever repeats it while the first is under way is told, too: the new session says what became of it.
      const request: ForkRequest = { request: newId(), ...from }
      await queueRequest(this.log, this.log.subjects.controlJob(ref, 'fork', request.request), request, inbox)
      return await inbox.answer(REPLY_TIMEOUT_MS)
    } finally {
      inbox.close()
    }
  }
}
