/** Appends what models stream into many sessions at once, at a rate. Driven by `appending.ts`. */
import { draft, encodeEvent, type EventFields, type EventType, newId, type SpoolEvent } from '@spool/events'
import { ChainWriter, type Log, openLog } from '@spool/log'
import type { Appended, Appending } from './appending.ts'

const { natsUrl, perSecond: rate, events, tokensPerEvent, sessions = 300 } = JSON.parse(process.argv[2]!) as Appending
const DELTAS_PER_ANSWER = 300

/** Leave to append, given out as time goes by. */
class Pace {
  private readonly startedMs = performance.now()
  private given = 0
  private readonly waiting: (() => void)[] = []

  private readonly perSecond: number

  constructor(perSecond: number) {
    this.perSecond = perSecond
    if (perSecond > 0) setInterval(() => this.give(), 2).unref()
  }

  /** `false`: there have been enough. */
  async next(): Promise<boolean> {
    if (this.perSecond > 0) await new Promise<void>((go) => this.waiting.push(go))
    return ++this.given <= events
  }

  private give(): void {
    const due = Math.floor(((performance.now() - this.startedMs) / 1000) * this.perSecond)
    for (const go of this.waiting.splice(0, Math.max(0, due - this.given))) go()
  }
}

const pace = new Pace(rate)

const ids = () => ({ run: newId(), message: newId() })

async function converse(log: Log): Promise<number> {
  const writer = new ChainWriter(log, { tenant: 'bench', session: newId() }, 0)
  let appended = 0
  const say = async <Type extends EventType>(type: Type, fields: EventFields<Type>): Promise<void> => {
    await writer.append({ id: newId(), type, body: encodeEvent(draft(type, fields) as SpoolEvent) })
    appended++
  }
  let { run, message } = ids()
  for (let step = -4; await pace.next(); step++) {
    const usage = { input_tokens: 10, output_tokens: DELTAS_PER_ANSWER, cached_tokens: 0, reasoning_tokens: 0 }
    if (step === -4) await say('run.started', { run, kind: 'agent', agent: 'default', model: 'demo', input: newId() })
    else if (step === -3) await say('message.requested', { run, message, purpose: 'answer', model: 'demo' })
    else if (step === -2) {
      const by = { provider: 'demo', model: 'demo' }
      await say('message.started', { run, message, role: 'assistant', purpose: 'answer', ...by })
    } else if (step === -1) {
      const by = { worker: 'bench', provider: 'demo', model: 'demo' }
      await say('generation.started', { run, message, attempt: 1, reason: 'first', kept: 0, ...by })
    } else if (step < DELTAS_PER_ANSWER) {
      const text = Array.from({ length: tokensPerEvent }, (_, n) => ` word${n}`).join('')
      await say('text.delta', { run, message, sequence: step + 1, text })
    } else if (step === DELTAS_PER_ANSWER) {
      await say('message.completed', { run, message, status: 'complete', reason: 'stop', usage })
    } else {
      await say('run.completed', { run, status: 'done', usage, steps: 1, duration_ms: 5 })
      ;({ run, message } = ids())
      step = -5
    }
  }
  return appended
}

process.once('disconnect', () => process.exit())
const { bus, log } = await openLog({ servers: [natsUrl], name: 'load', shards: 1 })
const startedMs = performance.now()
const counts = await Promise.all(Array.from({ length: sessions }, () => converse(log)))
const seconds = (performance.now() - startedMs) / 1000
await bus.close()
const appended: Appended = { events: counts.reduce((sum, count) => sum + count, 0), seconds }
process.send!(appended, () => process.exit(0))
