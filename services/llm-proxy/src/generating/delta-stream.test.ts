import {
  type MessageState,
  type SpoolEvent,
  emptySession,
  encodeEvent,
  fold,
  messageOf,
  newId,
  draft,
} from '@spool/events'
import { describe, expect, test } from 'vitest'
import { DeltaStream } from './delta-stream.ts'

const run = newId()
const id = newId()

/** A log that stores one event whenever the test says so. */
class SlowLog {
  readonly events: SpoolEvent[] = []
  failure: Error | null = null
  private state = fold(emptySession(), { seq: 1, event: requested() })
  private waiting: (() => void)[] = []
  open = false

  get message(): MessageState {
    return messageOf(this.state, id)!
  }

  async append(event: SpoolEvent): Promise<boolean> {
    if (!this.open) await new Promise<void>((resolve) => this.waiting.push(resolve))
    if (this.failure !== null) throw this.failure
    this.events.push(event)
    this.state = fold(this.state, { seq: this.state.seq + 1, event })
    return true
  }

  /** From now on it stores at once. */
  flow(): void {
    this.open = true
    for (const go of this.waiting.splice(0)) go()
  }

  get texts(): unknown[] {
    return this.events.map((event) => ('text' in event ? event.text : null))
  }
}

const requested = () => draft('message.requested', { run, message: id, purpose: 'answer', model: 'demo' })

const text = (said: string) => ({ type: 'text' as const, text: said })
const reasoning = (said: string) => ({ type: 'reasoning' as const, text: said })
const input = (call: string, said: string) => ({ type: 'tool-input' as const, call, name: 'tool', text: said })

function streaming() {
  const log = new SlowLog()
  return { log, deltas: new DeltaStream(log, run) }
}

describe('merging', () => {
  test('does not happen while the log keeps up: every piece is an event of its own, at once', async () => {
    const { log, deltas } = streaming()
    log.flow()
    for (const word of ['a', 'b', 'c', 'd']) {
      void deltas.push(text(word))
      await deltas.flushed()
    }
    expect(log.texts).toEqual(['a', 'b', 'c', 'd'])
  })

  test('what comes while an event is on its way becomes one event; sequences are dense', async () => {
    const { log, deltas } = streaming()
    for (const word of ['a', 'b', 'c', 'd']) void deltas.push(text(word))
    log.flow()
    await deltas.flushed()
    void deltas.push(text('e'))
    await deltas.flushed()
    expect(log.texts).toEqual(['a', 'bcd', 'e'])
    expect(log.events.map((event) => 'sequence' in event && event.sequence)).toEqual([1, 2, 3])
  })

  test('kinds and calls are not mixed, and their order stays', async () => {
    const { log, deltas } = streaming()
    void deltas.push(text('first'))
    const more = [reasoning('r1'), reasoning('r2'), text('t1'), input('x', '1'), input('x', '2'), input('y', '3')]
    for (const delta of more) void deltas.push(delta)
    log.flow()
    await deltas.flushed()
    expect(log.texts).toEqual(['first', 'r1r2', 't1', '12', '3'])
  })

  test('no event is too large, and none is cut between the halves of a character', async () => {
    const { log, deltas } = streaming()
    const worst = '\u0001'.repeat(32 * 1024 - 1) + '🧵'.repeat(40_000)
    void deltas.push(text(worst))
    log.flow()
    await deltas.flushed()
    expect(log.texts.join('') === worst).toBe(true)
    for (const event of log.events) expect(encodeEvent(event).length).toBeLessThan(256 * 1024)
    expect(log.texts.every((piece) => String(piece).isWellFormed())).toBe(true)
  })
})

describe('characters cut in half', () => {
  const [high, low] = ['🧵'.slice(0, 1), '🧵'.slice(1)] as [string, string]

  test('wait for their other half', async () => {
    const { log, deltas } = streaming()
    log.flow()
    for (const piece of [`a${high}`, `${low}b`, high, low]) void deltas.push(text(piece))
    await deltas.flushed()
    expect(log.texts.every((piece) => String(piece).isWellFormed())).toBe(true)
    expect(log.texts.join('')).toBe('a🧵b🧵')
  })

  test('are text of their own where something else follows, or the end', async () => {
    const { log, deltas } = streaming()
    log.flow()
    for (const delta of [text(high), reasoning('r'), text(high)]) void deltas.push(delta)
    deltas.ended()
    await deltas.flushed()
    expect(log.texts).toEqual([high, 'r', high])
  })

  test('are left out where the answer breaks off: it goes on from the last whole character', async () => {
    const { log, deltas } = streaming()
    log.flow()
    void deltas.push(text(`a${high}`))
    await deltas.flushed()
    expect(log.texts).toEqual(['a'])
  })
})

describe('a log that is slow', () => {
  /** The most that one line of a provider may hold. */
  const largest = 'x'.repeat(256 * 1024)

  test('makes the provider wait, so that never more than 1 MiB is held, and nothing is lost', async () => {
    const { log, deltas } = streaming()
    let pushed = ''
    let full: Promise<void> | undefined
    while (full === undefined) {
      full = deltas.push(text(largest))
      pushed += largest
    }
    expect(deltas.held).toBeLessThanOrEqual(1024 * 1024)
    log.flow()
    await full
    for (let more = 0; more < 20; more++) {
      await deltas.push(text(largest))
      pushed += largest
      expect(deltas.held).toBeLessThanOrEqual(1024 * 1024)
    }
    await deltas.flushed()
    expect(deltas.held).toBe(0)
    expect(log.texts.join('') === pushed).toBe(true)
  })

  test('takes no piece that alone would be more', () => {
    const { deltas } = streaming()
    void deltas.push(text('x'.repeat(256 * 1024)))
    expect(() => deltas.push(text('x'.repeat(256 * 1024 + 1)))).toThrow(
      expect.objectContaining({ code: 'provider_broken' }),
    )
    expect(deltas.held).toBeLessThanOrEqual(1024 * 1024)
  })

  test('that fails in the end leaves nobody waiting, and says why', async () => {
    const { log, deltas } = streaming()
    const waiting = [deltas.push(text(largest)), deltas.push(text(largest))]
    log.failure = new Error('the bus is closed')
    log.flow()
    await Promise.all(waiting)
    expect(deltas.held).toBe(0)
    await expect(deltas.flushed()).rejects.toThrow('the bus is closed')
    expect(() => deltas.push(text('more'))).toThrow('the bus is closed')
  })
})
