import { Inject, Injectable } from '@nestjs/common'
import { newId } from '@spool/events'
import { type ConfirmRequest, type Log, type Reply, ReplyInbox, type SessionRef } from '@spool/log'
import { queueRequest } from '../serving/queueing.ts'
import { LOG } from '../tokens.ts'

const REPLY_TIMEOUT_MS = 5000

/** Takes people's answers to the orchestrator, by whichever way they came. */
@Injectable()
export class Confirmations {
  constructor(@Inject(LOG) private readonly log: Log) {}

  /** `null`: nobody has taken it up yet; the answer is safe and will be. */
  async ask(ref: SessionRef, request: ConfirmRequest): Promise<Reply | null> {
    const inbox = new ReplyInbox(this.log.bus)
    try {
      const seen = request.confirmation === undefined ? { up_to: await this.log.lastPosition(ref) } : {}
      // Not by the request's id: whoever repeats it while the first is under way is to be told, too. What has become of
      // the first says its question, which remembers the request that resolved it.
      const attempt = this.log.subjects.controlJob(ref, 'confirm', newId())
      await queueRequest(this.log, attempt, { ...request, ...seen }, inbox)
      return await inbox.answer(REPLY_TIMEOUT_MS)
    } finally {
      inbox.close()
    }
  }
}
