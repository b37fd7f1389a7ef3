import { createInbox, type Msg } from '@nats-io/nats-core'
import type { Bus } from './bus.ts'

export interface AskingLimits {
  /** Nobody has answered until then: there is nobody. Default 1 s. */
  timeoutMs?: number
  /** How long the others have after the first answer. Default 300 ms. */
  othersMs?: number
  /** Answers past this number are not read. Default 100. */
  atMost?: number
}

const NO_RESPONDERS = 503

/** Answers for this copy of a service how it stands. Other than with `answerReady`, every copy is heard. */
export function answerStatus(bus: Bus, service: string, read: () => object): () => void {
  const subscription = bus.nc.subscribe(`status.${service}`, {
    callback: (error, message) => {
      if (error) return
      try {
        message.respond(JSON.stringify(read()))
      } catch {
        // Silence is an answer too: whoever asks does not wait for it.
      }
    },
  })
  return () => subscription.unsubscribe()
}

/**
 * What the copies of a service say of themselves. Nobody knows how many there are, so it is those that are quick: a
 * copy that is frozen or of another age keeps nobody waiting. The answers are what others sent: look before you trust.
 */
export async function askStatuses(bus: Bus, service: string, limits: AskingLimits = {}): Promise<unknown[]> {
  const { timeoutMs = 1000, othersMs = 300, atMost = 100 } = limits
  if (!bus.connected) return []
  const statuses: unknown[] = []
  const { promise: enough, resolve: stop } = Promise.withResolvers<void>()
  const timers = [setTimeout(stop, timeoutMs)]
  const inbox = createInbox()
  const subscription = bus.nc.subscribe(inbox, {
    callback: (error, message) => {
      if (error || message.headers?.code === NO_RESPONDERS) return stop()
      const status = parsed(message)
      if (status === undefined) return
      if (statuses.push(status) === 1) timers.push(setTimeout(stop, othersMs))
      if (statuses.length >= atMost) stop()
    },
  })
  try {
    bus.nc.publish(`status.${service}`, '', { reply: inbox })
    await enough
  } finally {
    subscription.unsubscribe()
    for (const timer of timers) clearTimeout(timer)
  }
  return statuses.slice(0, atMost)
}

function parsed(message: Msg): unknown {
  try {
    return message.json()
  } catch {
    return undefined
  }
}
