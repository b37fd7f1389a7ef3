import { Random } from '../random.ts'
import { DIALECT_NAMES, type DialectName } from './dialect-bodies.ts'
import { type Plot, plotOf } from './kinds.ts'

/** Who watches a session beside those who watch one of its runs. */
export type SessionWatcher = 'session' | 'web-socket' | 'slow' | 'cutting'

/** How a run is begun, and by whom. */
export type Way = 'request' | 'stream' | `dialect ${DialectName}`

export interface PlannedRun {
  readonly plot: Plot
  readonly way: Way
  /** Somebody follows this run alone; else the watchers of the session tell its person. */
  readonly isFollowed: boolean
  /** The request is sent once more when it was answered, as by somebody who has not heard. */
  readonly isRepeated: boolean
  /** Questions are answered at two gateways at the same time. */
  readonly answersTwice: boolean
  /** So long after the first run of its turn was accepted. */
  readonly afterMs: number
}

export interface PlannedProducer {
  readonly pieces: readonly string[]
  readonly everyMs: number
}

export interface Turn {
  readonly thinkMs: number
  /** One after the other, or where there are more one beside the other. Empty: there is a producer. */
  readonly runs: readonly PlannedRun[]
  readonly producer?: PlannedProducer
  /** So long after its begin somebody forks the session, and goes on elsewhere with this. */
  readonly fork?: { readonly afterMs: number; readonly conversation: ConversationPlan }
  /** Who comes with this turn: from its begin on, or with all that was before. */
  readonly watchers: readonly { readonly kind: SessionWatcher; readonly isLate: boolean }[]
}

export interface ConversationPlan {
  readonly session: string
  /** For whatever its clients do at random. */
  readonly seed: number
  readonly turns: readonly Turn[]
}

const WATCHERS: readonly (readonly [SessionWatcher, number])[] = [
  ['session', 3],
  ['web-socket', 3],
  ['slow', 2],
  ['cutting', 3],
]

/** The same for the same seed and index, whatever happened before. */
export function conversationPlan(seed: number, index: number): ConversationPlan {
  const random = new Random(mixed(seed, index))
  const turns = random.one([
    [1, 4],
    [2, 4],
    [3, 2],
  ] as const)
  return planned(`chaos-${index}`, random, index, turns)
}

function planned(session: string, random: Random, index: number, count: number): ConversationPlan {
  const seed = random.whole(0, 2 ** 32 - 1)
  const turns: Turn[] = []
  for (let turn = 0; turn < count; turn++) turns.push(turnOf(session, random, index * 10 + turn, turn))
  return { session, seed, turns }
}

function turnOf(session: string, random: Random, index: number, turn: number): Turn {
  const thinkMs = random.between(0, turn === 0 ? 0 : 1500)
  const watchers = watchersOf(random, turn)
  const isForked = !session.endsWith('fork') && random.next() < 0.06
  // What comes first has to be there for those who watch the session.
  if (turn > 0 && random.next() < 0.08) return { thinkMs, runs: [], producer: producerOf(random, index), watchers }
  const runs = [plannedRun(random, index, 0)]
  if (random.next() < 0.18) {
    const afterMs = random.between(50, 3000)
    const beside = plannedRun(random, index + 5, afterMs)
    runs.push(random.next() < 0.4 ? interrupting(beside) : beside)
  }
  return { thinkMs, runs, watchers, ...(isForked && { fork: forkOf(session, random, index) }) }
}

function forkOf(session: string, random: Random, index: number) {
  const conversation = planned(`${session}-${index}-fork`, random, index + 8, 1)
  return { afterMs: random.between(500, 6000), conversation }
}

/** Each session has somebody who watches all of it, some have several. */
function watchersOf(random: Random, turn: number): Turn['watchers'] {
  if (turn > 0) return random.next() < 0.15 ? [{ kind: random.one(WATCHERS), isLate: random.next() < 0.5 }] : []
  const count = random.one([
    [1, 6],
    [2, 3],
    [3, 1],
  ] as const)
  return Array.from({ length: count }, () => ({ kind: random.one(WATCHERS), isLate: false }))
}

function plannedRun(random: Random, index: number, afterMs: number): PlannedRun {
  const plot = plotOf(random, index)
  const way = random.one(WAYS)
  // In a dialect one cannot say how long one waits for an answer.
  const isSayable = plot.body['confirmation'] === undefined
  const named =
    way === 'dialect' ? (`dialect ${DIALECT_NAMES[random.whole(0, DIALECT_NAMES.length - 1)]!}` as const) : way
  return {
    plot,
    way: isSayable || way !== 'dialect' ? named : 'request',
    isFollowed: random.next() < 0.5,
    isRepeated: random.next() < 0.1,
    answersTwice: random.next() < 0.2,
    afterMs,
  }
}

const WAYS: readonly (readonly ['request' | 'stream' | 'dialect', number])[] = [
  ['request', 5],
  ['stream', 2],
  ['dialect', 4],
]

/** Dialects know nothing of it. */
function interrupting({ plot, way, ...rest }: PlannedRun): PlannedRun {
  const body = { ...plot.body, when_busy: 'interrupt' }
  return { ...rest, plot: { ...plot, body }, way: way === 'stream' ? 'stream' : 'request' }
}

function producerOf(random: Random, index: number): PlannedProducer {
  const pieces = Array.from({ length: random.whole(10, 60) }, (_, at) => `${index}.${at + 1} 🙂 `)
  return { pieces, everyMs: random.between(40, 200) }
}

/** Neighbours give unlike numbers. */
function mixed(seed: number, index: number): number {
  const bits = Math.imul(seed ^ Math.imul(index + 1, 0x9e3779b1), 0x85ebca6b)
  return (bits ^ (bits >>> 15)) >>> 0
}
