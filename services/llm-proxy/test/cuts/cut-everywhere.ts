import { type Ending, recordedBody } from './recorded-body.ts'
import type { RecordedAnswer } from './recorded-answer.ts'
import type { Answer, RouteInProcess } from './route-in-process.ts'
import { type Outcome, writeInProcess } from './write-in-process.ts'

export interface Cuts {
  /** How many places were tried. */
  readonly tried: number
  /** What became of the answer where it is not what it should be. */
  readonly faults: readonly string[]
  /** From how many code points of text the answer went on. */
  readonly kept: ReadonlySet<number>
}

/**
 * Lets the first of these routes break off after no byte, after one, and so on up to the last, and the last of them
 * give the rest. Whatever the place: the answer has to be the same as if nothing had happened.
 */
export async function cutEverywhere(
  answer: RecordedAnswer,
  ending: Ending,
  routes: readonly RouteInProcess[],
  rest: Answer,
): Promise<Cuts> {
  const { stackTraceLimit } = Error
  // Nobody asks where tens of thousands of foreseen errors came from, and telling it took an eighth of the time.
  Error.stackTraceLimit = 0
  try {
    return await cutAtEach(answer, ending, routes, rest)
  } finally {
    Error.stackTraceLimit = stackTraceLimit
  }
}

async function cutAtEach(
  answer: RecordedAnswer,
  ending: Ending,
  routes: readonly RouteInProcess[],
  rest: Answer,
): Promise<Cuts> {
  const { bytes, wholeAt } = answer
  const faults: string[] = []
  const kept = new Set<number>()
  let most = 0
  let offset = 0
  for (; offset <= bytes.length; offset++) {
    const outcome = await cutOnce(routes, () => recordedBody([bytes.subarray(0, offset)], ending), rest)
    const called = routes.reduce((sum, route) => sum + route.called, 0)
    const isAsExpected = called === (offset < wholeAt ? 2 : 1) && answer.isWholeIn(outcome, called)
    if (!isAsExpected) faults.push(`after ${offset} of ${bytes.length} bytes, ${called} calls: ${show(outcome)}`)
    if (called === 1) continue
    // Whatever came before the cut was kept: never less than where it was cut earlier.
    if (outcome.kept < most) faults.push(`after ${offset} of ${bytes.length} bytes only ${outcome.kept} were kept`)
    most = Math.max(most, outcome.kept)
    kept.add(outcome.kept)
  }
  return { tried: offset, faults, kept }
}

function cutOnce(routes: readonly RouteInProcess[], beginning: Answer, rest: Answer): Promise<Outcome> {
  const [first, ...others] = routes
  first?.willAnswer(beginning, ...(others.length === 0 ? [rest] : []))
  for (const other of others) other.willAnswer(rest)
  return writeInProcess(...routes)
}

const show = (outcome: Outcome) => JSON.stringify(outcome)
