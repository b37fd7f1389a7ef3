import { type TcpProxy, startTcpProxy } from '@spool/testing'
import { DeltaStream } from '../../../src/generating/delta-stream.ts'
import type { Deed } from '../../support/fault-server-acts.ts'
import { until } from '../../support/until.ts'
import { type FaultyModel, type FaultyModels, finished } from './faulty-models.ts'

export interface Outage {
  /** What the provider had sent when the bus went away, when nothing more was taken from it, and in the end. */
  readonly bytesBefore: number
  readonly bytesAtStandstill: number
  readonly bytesInAll: number
  /** How long nothing was taken. */
  readonly stoodStillMs: number
  /** The most that was in memory between provider and log. */
  readonly mostHeldBytes: number
  /** What the provider said. */
  readonly said: string
}

/** How the bus goes away: its connections break and no new ones are taken, or nothing arrives any more. */
export type Away = 'cut' | 'silent'

/** The wire between proxies and bus, to be cut. */
export class BusWire {
  private constructor(private readonly proxy: TcpProxy) {}

  static async to(port: number): Promise<BusWire> {
    return new BusWire(await startTcpProxy({ port }))
  }

  get url(): string {
    return `nats://127.0.0.1:${this.proxy.port}`
  }

  goAway(how: Away): void {
    if (how === 'silent') return this.proxy.stall('both', true)
    this.proxy.refuse(true)
    this.proxy.cutAll()
  }

  comeBack(): void {
    this.proxy.stall('both', false)
    this.proxy.refuse(false)
  }

  stop(): Promise<void> {
    this.comeBack()
    return this.proxy.stop()
  }
}

const PIECE_CHARACTERS = 8_000

/** A provider that talks without a pause; in mid-answer the bus goes away for a while. */
export async function outlast(models: FaultyModels, model: FaultyModel, wire: BusWire, how: Away, awayMs: number) {
  const held = watchHeld()
  const talk = new Talk()
  const [server] = model.providers
  server!.answers(async (call) => {
    await call.begin()
    await talk.piece(call)
    await call.finish({ input: 1, output: 1 })
  })
  const conversation = await models.begin(model)
  await conversation.untilText(10 * PIECE_CHARACTERS)
  const [call] = server!.calls
  const bytesBefore = call!.bytesSent
  wire.goAway(how)
  const goneAtMs = performance.now()
  let standsSinceMs = goneAtMs
  let bytesAtStandstill = bytesBefore
  await until(
    `the bus has been away for ${awayMs} ms`,
    () => {
      if (call!.bytesSent > bytesAtStandstill) standsSinceMs = performance.now()
      bytesAtStandstill = call!.bytesSent
      return performance.now() - goneAtMs > awayMs
    },
    2 * awayMs,
  )
  const stoodStillMs = performance.now() - standsSinceMs
  wire.comeBack()
  await until('the provider is read on', () => call!.bytesSent > bytesAtStandstill)
  talk.enough = true
  const end = await finished(conversation)
  const outage: Outage = {
    bytesBefore,
    bytesAtStandstill,
    bytesInAll: call!.bytesSent,
    stoodStillMs,
    mostHeldBytes: held.stop(),
    said: talk.said.join(''),
  }
  return { ...end, outage }
}

class Talk {
  readonly said: string[] = []
  enough = false
  readonly piece: Deed = async (call) => {
    while (!this.enough) {
      const text = `${this.said.length}: ${'x'.repeat(PIECE_CHARACTERS)} `
      await call.say(text)
      this.said.push(text)
    }
  }
}

/** `stop` tells the most that any answer held meanwhile. */
function watchHeld(): { stop(): number } {
  let most = 0
  const { push } = DeltaStream.prototype
  DeltaStream.prototype.push = function (delta) {
    const full = push.call(this, delta)
    most = Math.max(most, this.held)
    return full
  }
  return {
    stop: () => {
      DeltaStream.prototype.push = push
      return most
    },
  }
}
