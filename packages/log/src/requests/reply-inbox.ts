import { createInbox } from '@nats-io/nats-core'
import type { Bus } from '../connecting/bus.ts'
import type { ForkReply, Reply } from './requests.ts'

/** The header that says where the answer to a queued request goes. JetStream itself uses the reply subject. */
export const REPLY_HEADER = 'Spool-Reply'

/** Not among the inboxes of the connection: whoever answers is another user, who may send to these and to no others. */
const ANSWERS = 'answer'

/** Where one queued request is answered. Listens from the moment it is made. */
export class ReplyInbox<Answer = Reply> {
  readonly subject = createInbox(ANSWERS)
  private readonly arrived = Promise.withResolvers<Answer>()
  private readonly stop: () => void

  constructor(bus: Bus) {
    const subscription = bus.nc.subscribe(this.subject, {
      callback: (error, message) => {
        if (!error) this.arrived.resolve(message.json<Answer>())
      },
    })
    this.stop = () => subscription.unsubscribe()
  }

  /** `null` when nobody answered in time: the request is safe in its queue all the same. */
  async answer(timeoutMs: number): Promise<Answer | null> {
    const late = Promise.withResolvers<null>()
    const timer = setTimeout(() => late.resolve(null), timeoutMs)
    try {
      return await Promise.race([this.arrived.promise, late.promise])
    } finally {
      clearTimeout(timer)
    }
  }

  /** Also answers that come after a first wait has passed. */
  get later(): Promise<Answer> {
    return this.arrived.promise
  }

  close(): void {
    this.stop()
  }
}

/** Answers where somebody asked for it. Nobody may be there any more: that is theirs to find out from the log. */
export function answer(bus: Bus, inbox: string | undefined, reply: Reply | ForkReply): void {
  if (inbox !== undefined) bus.nc.publish(inbox, JSON.stringify(reply))
}
