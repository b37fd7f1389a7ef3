import { setTimeout as sleep } from 'node:timers/promises'
import { emptySession, fold, readEvent } from '@spool/events'
import { Random } from '../random.ts'
import type { ConversationPlan, PlannedProducer, PlannedRun, SessionWatcher, Turn } from './conversation-plan.ts'
import { cutting } from './cutting-reader.ts'
import type { DialectName } from './dialect-bodies.ts'
import { DialectReader } from './dialect-reader.ts'
import { produce } from './produced-run.ts'
import type { HeardEvent, RecordedLog } from './recorded-log.ts'
import { RunInPlay } from './run-in-play.ts'
import { isSettled } from './settled.ts'
import { slowly } from './slow-reader.ts'
import { type Following, SseFollower } from './sse-follower.ts'
import type { StubbornClient } from './stubborn-client.ts'
import type { Reach, Watcher } from './watcher.ts'
import { WebSocketFollower } from './web-socket-follower.ts'

/** Where everybody who plays along keeps what they did and saw. */
export interface Stage {
  readonly client: StubbornClient
  readonly reach: Reach
  readonly runs: RunInPlay[]
  readonly logs: RecordedLog[]
  /** No run begins any more. */
  readonly isClosing: () => boolean
}

/** One session from its first run to its last event, with whoever has runs in it and whoever watches. */
export class Conversation {
  readonly plan: ConversationPlan
  private readonly stage: Stage
  private readonly random: Random
  private readonly runs: RunInPlay[] = []
  private readonly watchers: Watcher[] = []
  private readonly forks: Promise<void>[] = []
  /** Somebody has seen something, so it is in the log. */
  private readonly isThere = Promise.withResolvers<void>()
  private lastSeq = 0
  private step = 'begins'

  constructor(plan: ConversationPlan, stage: Stage) {
    this.plan = plan
    this.stage = stage
    this.random = new Random(plan.seed)
  }

  /** Where it stands, for whoever has to look into it. */
  get standing(): string {
    const waiting = this.watchers.filter(({ log }) => !log.isOver).map(({ standing }) => standing)
    return `${this.plan.session} ${this.step}; ${this.runs.map(({ standing }) => standing).join('; ')}; watched by ${waiting.join(', ')}`
  }

  async play(): Promise<void> {
    for (const [index, turn] of this.plan.turns.entries()) {
      await sleep(turn.thinkMs)
      if (index > 0 && this.stage.isClosing()) break
      this.step = `is in turn ${index + 1}`
      await this.playTurn(turn, index)
    }
    this.step = 'comes to its end'
    await this.end()
    await Promise.all(this.forks)
    this.step = 'is over'
  }

  private async playTurn(turn: Turn, index: number): Promise<void> {
    const { session } = this.plan
    const runs: RunInPlay[] = []
    const [first, ...beside] = turn.runs
    // Who comes late joins behind what somebody has seen. A snapshot need not have it: that may be of another gateway.
    const after = index === 0 ? null : `1-${this.lastSeq}`
    const begins: Promise<void>[] = []
    if (turn.producer !== undefined) begins.push(this.produce(turn.producer, `${session}-${index}`, runs))
    if (first !== undefined) await this.begin(first, `${session}-${index}-0`, runs)
    for (const { kind, isLate } of turn.watchers) this.watch(kind, isLate ? after : null)
    if (turn.fork !== undefined) this.forks.push(this.fork(turn.fork))
    for (const [at, planned] of beside.entries()) {
      await sleep(planned.afterMs)
      if (planned.plot.body['when_busy'] === 'interrupt') for (const run of runs) run.isInterrupted = true
      begins.push(this.begin(planned, `${session}-${index}-${at + 1}`, runs))
    }
    await Promise.all(begins)
    await Promise.all(runs.map((run) => run.settled()))
  }

  private newRun(
    key: string,
    planned: Pick<PlannedRun, 'plot' | 'way' | 'answersTwice'>,
    runs: RunInPlay[],
  ): RunInPlay {
    const run = new RunInPlay(this.stage.client, this.plan.session, key, planned)
    for (const list of [runs, this.runs, this.stage.runs]) list.push(run)
    return run
  }

  /** Resolves once the run has a name. */
  private async begin(planned: PlannedRun, key: string, runs: RunInPlay[]): Promise<void> {
    const run = this.newRun(key, planned, runs)
    const { session } = this.plan
    const { way, plot } = planned
    const path = `/v1/sessions/${session}/runs`
    const body = { agent: plot.agent, ...plot.body }
    if (way === 'request') {
      for (let times = planned.isRepeated ? 2 : 1; times > 0; times--) {
        const started = await this.stage.client.post(path, body, key)
        if (started.status !== 202) run.fault('start', started)
        run.started(String(started.body['run']))
      }
      if (planned.isFollowed) this.follow({ kind: 'run', session, run: run.run })
      return
    }
    const named = Promise.withResolvers<void>()
    const onStarted = (id: string) => {
      run.started(id)
      named.resolve()
    }
    if (way === 'stream') {
      const start = { path, body, key }
      this.follow({ kind: 'run', session, run: null, start, onStarted })
    } else {
      const dialect = way.slice('dialect '.length) as DialectName
      const random = this.ownRandom()
      const isCut = random.next() < 0.4
      this.take(
        new DialectReader(
          { dialect, session, plot, key, onStarted, ...(isCut && { habit: cutting(random) }) },
          this.stage.reach,
          random,
        ),
      )
    }
    await named.promise
  }

  private async produce(producer: PlannedProducer, key: string, runs: RunInPlay[]): Promise<void> {
    const says = producer.pieces.join('')
    const plot = { kind: 'produce', agent: '', body: {}, answers: [], cancelAfterMs: null, says }
    await produce(this.newRun(key, { plot, way: 'request', answersTwice: false }, runs), producer, this.stage.reach)
  }

  private watch(kind: SessionWatcher, after: string | null): void {
    const { session } = this.plan
    const { reach } = this.stage
    const random = this.ownRandom()
    const isNew = after === null
    if (kind === 'web-socket') {
      const isRestless = random.next() < 0.4
      this.take(new WebSocketFollower({ session, after, isNew, isRestless }, reach, random, this.hear))
      return
    }
    const habit = kind === 'slow' ? slowly(random, reach.silentMs) : kind === 'cutting' ? cutting(random) : undefined
    this.follow({ kind, session, run: null, after, isNew, ...(habit !== undefined && { habit }) }, random)
  }

  private follow(following: Following, random = this.ownRandom()): void {
    this.take(new SseFollower(following, this.stage.reach, random, this.hear))
  }

  private take(watcher: Watcher): void {
    this.watchers.push(watcher)
    this.stage.logs.push(watcher.log)
    // A mistake of ours must not pass for a silence of theirs.
    watcher.over.catch((error: unknown) => watcher.log.fault(`broke: ${String(error)}`))
  }

  private readonly hear = (event: HeardEvent): void => {
    this.lastSeq = Math.max(this.lastSeq, event.seq)
    this.isThere.resolve()
    for (const run of this.runs) run.hear(event)
  }

  private ownRandom(): Random {
    return new Random(this.random.whole(0, 2 ** 32 - 1))
  }

  private async fork({ afterMs, conversation }: NonNullable<Turn['fork']>): Promise<void> {
    await this.isThere.promise
    await sleep(afterMs)
    const key = `${conversation.session}-key`
    for (;;) {
      const path = `/v1/sessions/${this.plan.session}/fork`
      const forked = await this.stage.client.post(path, { session: conversation.session }, key)
      if (forked.status === 201) break
      if (forked.status !== 202) {
        this.runs.at(-1)?.fault('fork', forked)
        return
      }
      await sleep(200)
    }
    await new Conversation(conversation, this.stage).play()
  }

  /** Once each of its runs has had its last event and it has settled, its watchers hear where it ends. */
  private async end(): Promise<void> {
    const { client } = this.stage
    const path = `/v1/sessions/${this.plan.session}`
    let ended = 0
    for (const { run } of this.runs) {
      for (;;) {
        const { body } = await client.get(`${path}/runs/${run}`)
        const last = (body['run'] as { last_seq?: number | null } | undefined)?.last_seq
        if (typeof last === 'number') {
          ended = Math.max(ended, last)
          break
        }
        await sleep(300)
      }
    }
    const lastSeq = await this.untilSettled(path, ended)
    for (const watcher of this.watchers) watcher.endAt(lastSeq)
    await Promise.all(this.watchers.map(({ over }) => over))
  }

  /** Gives back the last position, which a gateway that was cut off knows later than others: no less than where the runs have ended. */
  private async untilSettled(path: string, ended: number): Promise<number> {
    const { client } = this.stage
    for (let state = emptySession(), next = '0'; ;) {
      const { body } = await client.get(`${path}/events?limit=1000&after=${next}`)
      for (const { session: _, ...event } of body['events'] as { session: string; seq: number }[]) {
        const read = readEvent(event)
        state = read.ok ? fold(state, { seq: event.seq, event: read.event }) : { ...state, seq: event.seq }
      }
      next = String(body['next'])
      if (body['more'] === true) continue
      if (state.seq >= ended && isSettled(state)) return state.seq
      await sleep(300)
    }
  }
}
