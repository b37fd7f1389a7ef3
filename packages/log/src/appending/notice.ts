import type { Subscription } from '@nats-io/nats-core'
import type { Log } from '../log.ts'
import type { SessionRef } from '../naming/session-ref.ts'

/** Why somebody else wants to append into a session that is streaming. */
export type NoticeReason = 'append' | 'cancel'

const HOLD_MS = 100

/**
 * A foreign append would starve behind a fast writer: by the time it knows the last position, that has moved on.
 * So it is announced, and the streaming writer holds back for a moment.
 */
export function announce(log: Log, ref: SessionRef, why: NoticeReason): void {
  send(log, ref, why)
}

/** The announced append is through: the streaming writer need not hold back any longer. */
export function announceDone(log: Log, ref: SessionRef): void {
  send(log, ref, 'done')
}

function send(log: Log, ref: SessionRef, notice: NoticeReason | 'done'): void {
  log.bus.nc.publish(log.subjects.control(ref), notice)
}

/** The streaming writer's side: listens for notices and says for how long to hold back. */
export class NoticeListener {
  private readonly subscriptions: readonly Subscription[]
  private heldUntilMs = 0
  private release: PromiseWithResolvers<void> | null = null
  private isCancelAnnounced = false

  /** `onCancel` is told when a cancel is announced, and once more where it is through later than is held back for it. */
  constructor(log: Log, ref: SessionRef, onCancel: () => void) {
    const { bus, subjects } = log
    this.subscriptions = [subjects.control(ref), subjects.heardControl(ref)].map((subject) =>
      bus.nc.subscribe(subject, {
        callback: (error, message) => {
          // What is pushed here by somebody's consumer of the LOG is no notice.
          if (!error && message.subject === subject) this.hear(message.string(), onCancel)
        },
      }),
    )
  }

  /** To be awaited before each append, where it is not `undefined`. */
  holdBack(): Promise<void> | undefined {
    const waitMs = this.heldUntilMs - performance.now()
    if (waitMs <= 0) return undefined
    const release = (this.release ??= Promise.withResolvers<void>())
    const timer = setTimeout(() => this.letGo(), waitMs)
    return release.promise.finally(() => clearTimeout(timer))
  }

  close(): void {
    this.letGo()
    for (const subscription of this.subscriptions) subscription.unsubscribe()
  }

  private hear(why: string, onCancel: () => void): void {
    if (why === 'done') {
      const isOverdueCancel = this.isCancelAnnounced && performance.now() > this.heldUntilMs
      this.isCancelAnnounced = false
      this.letGo()
      return isOverdueCancel ? onCancel() : undefined
    }
    this.heldUntilMs = performance.now() + HOLD_MS
    if (why !== 'cancel') return
    this.isCancelAnnounced = true
    onCancel()
  }

  private letGo(): void {
    this.heldUntilMs = 0
    this.release?.resolve()
    this.release = null
  }
}
