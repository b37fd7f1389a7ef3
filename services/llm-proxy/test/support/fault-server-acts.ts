import { setTimeout as sleep } from 'node:timers/promises'
import type { Act } from './fault-server.ts'
import type { FaultCall } from './fault-server-call.ts'

/** What is said, one frame each, and what is done in between. */
export type Piece = string | Deed
export type Deed = (call: FaultCall) => unknown

/** An answer that holds these pieces and then nothing more: the connection stays open. */
export function says(...pieces: Piece[]): Act {
  return async (call) => {
    await call.begin()
    for (const piece of pieces) await (typeof piece === 'string' ? call.say(piece) : piece(call))
  }
}

export function answers(...texts: string[]): Act {
  return says(...texts, finish())
}

/** The whole text, word by word: what is missing of it where the call brings the beginning of it. */
export function tells(whole: string, { wordMs = 0 } = {}): Act {
  return async (call) => {
    const from = call.keptText ?? ''
    if (!whole.startsWith(from)) throw new Error(`"${from}" is not how "${whole}" begins.`)
    await call.begin()
    for (const word of whole.slice(from.length).match(/\s*\S+\s*$|\s*\S+|\s+$/g) ?? []) {
      await call.say(word)
      if (wordMs > 0) await sleep(wordMs)
    }
    await call.finish(ONE_TOKEN)
  }
}

/** A provider that takes no beginning of an answer. */
export function refusesToContinue(act: Act): Act {
  return (call) =>
    call.keptText === null ? act(call) : refuses(400, { message: 'messages: must end with user' })(call)
}

export interface Refusal {
  readonly message?: string
  readonly code?: string
  readonly type?: string
  readonly headers?: Record<string, string>
}

export function refuses(status: number, { headers = {}, message = 'no', ...about }: Refusal = {}): Act {
  return (call) => call.refuse(status, headers, JSON.stringify({ type: 'error', error: { message, ...about } }))
}

/** Takes the request and does not answer. */
export const isSilent: Act = () => undefined

/** The head of an answer and frames without a word, for as long as somebody listens. */
export const clearsItsThroat: Act = async (call) => {
  await call.begin()
  for (;;) {
    await call.say('')
    await sleep(20)
  }
}

const ONE_TOKEN = { input: 1, output: 1 }

export function finish(input = 1, output = 1): Deed {
  return (call) => call.finish({ input, output })
}

export function stopAtFilter(input = 1, output = 1): Deed {
  return (call) => call.finish({ input, output }, 'filtered')
}

export const reset: Deed = (call) => call.reset()
/** The end of the connection, in order, without that of the answer. */
export const hangUp: Deed = (call) => call.hangUp()
export const brokenJson: Deed = (call) => call.send('data: {"choices": [{"delta": {"content": "ha\n\n')
export const halfFrame: Deed = (call) => call.send(call.frame('never whole').subarray(0, 30))

export function reports(errorType: string): Deed {
  return (call) => call.report(errorType)
}

/** Each call is whole, and together they are more than an event can hold. */
export function callsTools(calls: number, inputBytes: number): Deed {
  return async (call) => {
    for (let index = 0; index < calls; index++)
      await call.callTool(index, 'big', JSON.stringify('x'.repeat(inputBytes)))
  }
}

/** A frame in two pieces, cut in the middle of a character. */
export function splitsCharacter(text: string): Deed {
  return async (call) => {
    const frame = call.frame(text)
    const cut = frame.findIndex((byte) => byte >= 0xc0) + 1
    await call.send(frame.subarray(0, cut))
    await sleep(20)
    await call.send(frame.subarray(cut))
  }
}

/** One line without an end, as far as the other side takes it. */
export function line(bytes: number): Deed {
  const block = Buffer.alloc(64 * 1024, 'x')
  return async (call) => {
    await call.send('data: {"id":"')
    for (let sent = 0; sent < bytes; sent += block.length) await call.send(block)
    await call.send('"}\n\n')
  }
}

/** An error whose body never ends, as far as the other side takes it. */
export function refusesAtLength(status: number, bytes: number): Act {
  return async (call) => {
    await call.begin(status, 'application/json')
    await line(bytes)(call)
    call.hangUp()
  }
}

/** Held up until the test lets it go on. */
export class Gate {
  private readonly opened = Promise.withResolvers<void>()
  readonly passed: Deed = () => this.opened.promise

  open(): void {
    this.opened.resolve()
  }
}
