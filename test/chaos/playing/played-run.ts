import { setTimeout as sleep } from 'node:timers/promises'
import type { SpoolUnderTest } from '@spool/testing'
import { type Frame, followOnce } from '../../e2e/support/follower.ts'
import { isEnd } from '../../e2e/support/system.ts'
import type { Plot } from './kinds.ts'
import type { StubbornClient } from './stubborn-client.ts'

/** A run and the person who has it: follows it to its end, answers its questions, cancels it where the plot says so. */
export class PlayedRun {
  readonly plot: Plot
  readonly session: string
  readonly startedAt = performance.now()
  run = ''
  endedAt: number | null = null
  readonly frames: Frame[] = []
  /** What a client heard that it should not hear. */
  readonly faults: string[] = []
  private readonly client: StubbornClient
  private readonly name: string
  private asked = 0

  constructor(client: StubbornClient, session: string, name: string, plot: Plot) {
    this.client = client
    this.session = session
    this.name = name
    this.plot = plot
  }

  /** Where it stands, for whoever has to look into it. */
  get told(): string {
    const last = this.frames.at(-1)
    return `${this.session} ${this.run} (${this.plot.kind}), seen last: ${last === undefined ? 'nothing' : `${last.id} ${last.event}`}`
  }

  isOpenAt(ms: number): boolean {
    return this.startedAt < ms && (this.endedAt ?? Infinity) > ms
  }

  async play(spool: SpoolUnderTest): Promise<void> {
    const { agent, body, cancelAfterMs } = this.plot
    const started = await this.client.post(`/v1/sessions/${this.session}/runs`, { agent, ...body }, this.name)
    if (started.status !== 202) return this.fault('start', started)
    this.run = String(started.body['run'])
    const beside = cancelAfterMs === null ? undefined : this.cancelAfter(cancelAfterMs)
    await this.follow(spool)
    this.endedAt = performance.now()
    await beside
  }

  /** Until the server ends the stream behind the run's end, or behind what is remembered of it. */
  private async follow({ urls, key }: SpoolUnderTest): Promise<void> {
    const onFrame = (frame: Frame) => {
      this.frames.push(frame)
      if (frame.event === 'confirmation.requested' && frame.data.run === this.run) void this.answer(frame)
    }
    for (let attempt = 0; ; attempt++) {
      const url = `${urls[attempt % urls.length]}/v1/sessions/${this.session}/runs/${this.run}/events`
      const after = this.frames.at(-1)?.id
      const { status, ended } = await followOnce(url, { key, onFrame, ...(after !== undefined && { after }) })
      if ((ended || status === 204) && this.frames.some(({ data }) => data.run === this.run && isEnd(data.type))) return
      await sleep(100)
    }
  }

  private async answer({ data }: Frame): Promise<void> {
    const turn = this.asked++
    const answer = this.plot.answers[turn] ?? null
    if (answer === null) return
    const path = `/v1/sessions/${this.session}/confirmations/${String(data['confirmation'])}`
    const answered = await this.untilTold(() => this.client.post(path, answer, `${this.name}-${turn}`))
    // Whoever cancels meanwhile takes the question back.
    if (answered.status !== 200 && this.plot.cancelAfterMs === null) this.fault(answer.action, answered)
  }

  private async cancelAfter(ms: number): Promise<void> {
    await sleep(ms)
    const path = `/v1/sessions/${this.session}/runs/${this.run}/cancel`
    const answered = await this.untilTold(() => this.client.post(path, {}, `${this.name}-cancel`))
    if (answered.status !== 200 && answered.body['code'] !== 'run_ended') this.fault('cancel', answered)
  }

  /** 202 says that it is safe and will be done: asked again, one hears when it was. */
  private async untilTold(ask: () => Promise<{ status: number; body: Record<string, unknown> }>) {
    for (;;) {
      const answered = await ask()
      if (answered.status !== 202) return answered
      await sleep(200)
    }
  }

  private fault(what: string, { status, body }: { status: number; body: object }): void {
    this.faults.push(`${this.name} (${this.plot.kind}): ${what} was answered ${status} ${JSON.stringify(body)}`)
  }
}
