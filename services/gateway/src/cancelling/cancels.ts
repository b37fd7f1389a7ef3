import { Inject, Injectable } from '@nestjs/common'
import { newId } from '@spool/events'
import { type CancelRequest, type Log, type Reply, ReplyInbox, type SessionRef } from '@spool/log'
import { queueRequest } from '../serving/queueing.ts'
import { LOG } from '../tokens.ts'

/** Longer than a run needs to stop, also when nobody is left to stop it. */
const REPLY_TIMEOUT_MS = 5000

@Injectable()
export class Cancels {
  constructor(@Inject(LOG) private readonly log: Log) {}

  /** `null`: nobody has answered yet; the request is safe and will be carried out. */
  async ask(ref: SessionRef, run: string, why: Pick<CancelRequest, 'by' | 'reason'>): Promise<Reply | null> {
    const inbox = new ReplyInbox(this.log.bus)
    try {
      const request: CancelRequest = { request: newId(), run, ...why }
      await queueRequest(this.log, this.log.subjects.controlJob(ref, 'cancel', request.request), request, inbox)
      return await inbox.answer(REPLY_TIMEOUT_MS)
    } finally {
      inbox.close()
    }
  }
}
