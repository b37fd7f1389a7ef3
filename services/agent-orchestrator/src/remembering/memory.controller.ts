import { createHash } from 'node:crypto'
import { Controller, Inject } from '@nestjs/common'
import { EventPattern } from '@nestjs/microservices'
import { type RunState, type SessionState, messageOf, runOf } from '@spool/events'
import { type Delivery, type Queries, type SessionRef, type Settlement, DONE } from '@spool/log'
import type { Stepper } from '../stepping/stepper.ts'
import { STEPPER } from '../taking/tokens.ts'
import { memoryDue } from './decide-memory.ts'
import { mergeFacts } from './merge-facts.ts'
import { parseFacts } from './parse-facts.ts'
import { type Memories, recall } from './recall-for.ts'

export const QUERIES = Symbol('queries')

/** Nobody waits for an answer any more, but the streams of the run do for its memories. */
const PATIENCE_MS = 2000
/** What says nearly the same is among the first. */
const MAX_SIMILAR = 10

/** Takes up what a model has found worth remembering in a run that has ended. */
@Controller()
export class MemoryController {
  constructor(
    @Inject(STEPPER) private readonly stepper: Stepper,
    @Inject(QUERIES) private readonly queries: Queries,
  ) {}

  @EventPattern('memory')
  async take({ ref, tail }: Delivery): Promise<Settlement> {
    const id = tail[0]!
    const { state } = await this.stepper.take(ref, { kind: 'work' })
    const due = memoryDue(state, id)
    if (due === null) return DONE
    const memories = await this.memoriesOf(ref, state, runOf(state, id)!, due.message!.id)
    await this.stepper.take(ref, { kind: 'remember', run: id, memories })
    return DONE
  }

  private async memoriesOf(ref: SessionRef, state: SessionState, run: RunState, message: string): Promise<Memories> {
    const texts = parseFacts(messageOf(state, message)?.text ?? '')
    const facts = texts.map(async (text, index) => ({
      text,
      id: idOf(ref, run, index),
      known: await this.similar(ref, run, text),
    }))
    return mergeFacts(await Promise.all(facts))
  }

  /** Rather a memory twice than none: while persistence is away each fact is a new one. */
  private similar(ref: SessionRef, { user, agent }: RunState, text: string): Promise<Memories> {
    const limits = { limit: MAX_SIMILAR, patienceMs: PATIENCE_MS }
    return recall(this.queries, ref, { user, agent, text }, limits).catch(() => [])
  }
}

/** The same whenever the job is given out again. */
function idOf({ tenant, session }: SessionRef, run: RunState, index: number): string {
  return createHash('sha256').update(`${tenant}/${session}/${run.id}/${index}`).digest('hex').slice(0, 32)
}
