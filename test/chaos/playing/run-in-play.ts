import { setTimeout as sleep } from 'node:timers/promises'
import { isEnd } from '../../e2e/support/system.ts'
import type { PlannedRun } from './conversation-plan.ts'
import type { Answer, Plot } from './kinds.ts'
import type { HeardEvent } from './recorded-log.ts'
import { sayAnswer } from './say-answer.ts'
import type { Answered as Response, StubbornClient } from './stubborn-client.ts'

/** What somebody was told who answered a question. */
export interface ToldOfAnswer {
  readonly confirmation: string
  readonly action: string
  readonly key: string
  readonly status: number
}

const TAKEN = new Set(['confirmation_answered', 'confirmation_timed_out', 'confirmation_run_ended'])

/** A run and the person who has it: answers its questions, cancels it where the plot says so. */
export class RunInPlay {
  readonly plot: Plot
  readonly session: string
  /** Of the request. */
  readonly key: string
  /** What its answer says in the end, where that is known in advance. */
  readonly script?: string
  readonly startedAt = performance.now()
  /** As the first answer named it. */
  run = ''
  endedAt: number | null = null
  /** Another run of its session was sent to interrupt it. */
  isInterrupted = false
  /** Each id that an answer to the request named. */
  readonly told: string[] = []
  readonly answered: ToldOfAnswer[] = []
  /** What its person was told who cancelled it, as a status. */
  cancelTold: number | undefined
  readonly faults: string[] = []
  /** Its end was seen by somebody. */
  readonly ended: Promise<void>
  private readonly planned: Pick<PlannedRun, 'plot' | 'way' | 'answersTwice'>
  private readonly client: StubbornClient
  private readonly end = Promise.withResolvers<void>()
  private readonly asked = new Set<string>()
  private readonly doing = new Set<Promise<void>>()
  /** Of some run, before the answer that names ours: that may have been lost. */
  private readonly early: HeardEvent[] = []

  constructor(client: StubbornClient, session: string, key: string, planned: RunInPlay['planned']) {
    this.client = client
    this.session = session
    this.key = key
    this.planned = planned
    this.plot = planned.plot
    if (planned.plot.says !== undefined) this.script = planned.plot.says
    this.ended = this.end.promise
  }

  /** Where it stands, for whoever has to look into it. */
  get standing(): string {
    const end = this.endedAt === null ? 'open' : 'ended'
    return `${this.session} ${this.run || this.key} (${this.plot.kind}): ${end}, was asked ${this.asked.size} questions`
  }

  isOpenAt(ms: number): boolean {
    return this.startedAt < ms && (this.endedAt ?? Infinity) > ms
  }

  /** The request was answered; it may be again. */
  started(run: string): void {
    this.told.push(run)
    if (this.run !== '') return
    this.run = run
    for (const event of this.early.splice(0)) this.hear(event)
    if (this.plot.cancelAfterMs !== null) this.do(this.cancelAfter(this.plot.cancelAfterMs))
  }

  /** Whoever watches tells its person, so each event may come several times. */
  hear(event: HeardEvent): void {
    const isQuestion = event.type === 'confirmation.requested'
    if (!isQuestion && !isEnd(event.type)) return
    if (this.run === '') return void this.early.push(event)
    if (event.run !== this.run) return
    if (isQuestion) this.do(this.answer(String(event['confirmation'])))
    else if (this.endedAt === null) {
      this.endedAt = performance.now()
      this.end.resolve()
    }
  }

  /** Its person has heard all that they asked for. */
  async settled(): Promise<void> {
    await this.ended
    await Promise.all(this.doing)
  }

  fault(what: string, { status, body }: Response): void {
    this.faults.push(`${this.key} (${this.plot.kind}): ${what} was answered ${status} ${JSON.stringify(body)}`)
  }

  private do(what: Promise<void>): void {
    this.doing.add(what)
  }

  private async answer(confirmation: string): Promise<void> {
    if (this.asked.has(confirmation)) return
    const turn = this.asked.size
    this.asked.add(confirmation)
    const answer = this.plot.answers[turn] ?? null
    if (answer === null) return
    const keys = [
      `${this.key}-${turn}`,
      ...(this.planned.answersTwice && !this.isSaid ? [`${this.key}-${turn}-too`] : []),
    ]
    const answers = await Promise.all(keys.map((key) => this.answerOnce(confirmation, answer, key)))
    const taken = answers.filter(({ status }) => status === 200).length
    // Whoever cancels meanwhile takes the question back.
    if (taken > 1) this.faults.push(`${this.key}: ${answers.length} answers to ${confirmation} were taken`)
    if (taken === 0 && !this.mayBeTakenBack) this.fault(answer.action, answers[0]!)
    for (const other of answers) {
      if (other.status !== 200 && !TAKEN.has(String(other.body['code']))) this.fault(answer.action, other)
    }
  }

  /** By a cancel, or by another message that interrupts. */
  private get mayBeTakenBack(): boolean {
    return this.plot.cancelAfterMs !== null || this.isInterrupted
  }

  /** In the dialect's own words, which name no question: said twice, they may be heard as the answer to the next one. */
  private get isSaid(): boolean {
    return (
      this.planned.way === 'dialect confirmation' && this.plot.answers.every((answer) => answer?.input === undefined)
    )
  }

  private async answerOnce(confirmation: string, answer: Answer, key: string): Promise<Response> {
    const path = `/v1/sessions/${this.session}/confirmations/${confirmation}`
    const answered = await this.untilTold(() => {
      return this.isSaid ? sayAnswer(this.client, this.session, answer, key) : this.client.post(path, answer, key)
    })
    this.answered.push({ confirmation, action: answer.action, key, status: answered.status })
    return answered
  }

  private async cancelAfter(ms: number): Promise<void> {
    await sleep(ms)
    const path = `/v1/sessions/${this.session}/runs/${this.run}/cancel`
    const answered = await this.untilTold(() => this.client.post(path, {}, `${this.key}-cancel`))
    this.cancelTold = answered.status
    if (answered.status !== 200 && answered.body['code'] !== 'run_ended') this.fault('cancel', answered)
  }

  /** 202 says that it is safe and will be done: asked again, one hears when it was. */
  private async untilTold(ask: () => Promise<Response>): Promise<Response> {
    for (;;) {
      const answered = await ask()
      if (answered.status !== 202) return answered
      await sleep(200)
    }
  }
}
