import { isDeepStrictEqual } from 'node:util'
import type { QuestionState, RunState, SessionState } from '@spool/events'
import type { JudgedRun } from './judged.ts'
import { apart } from './difference-of.ts'

/** What a person said and chose is what the log says that they did: all else is judged by the log. */
export function unlikeSaid({ plot, run: id }: JudgedRun, { runs, messages, questions }: SessionState): string[] {
  const run = runs.find((one) => one.id === id)
  if (run === undefined) return []
  const { message, model } = plot.body
  const faults: string[] = []
  if (plot.agent !== '' && run.agent !== plot.agent) faults.push(`${plot.agent} was asked, and ${run.agent} answers`)
  if (model !== undefined && run.model !== model) faults.push(`${String(model)} was asked for, and it is ${run.model}`)
  if (typeof message === 'string') {
    const heard = messages.find((one) => one.id === run.input)?.text ?? waitingText(run)
    if (heard !== message) faults.push(`was asked ${apart(heard, message)}`)
  }
  const asked = questions.filter((question) => question.run === id)
  asked.forEach((question, turn) => faults.push(...unlikeAnswer(question, plot.answers[turn])))
  return faults.map((fault) => `${plot.kind} ${id}: ${fault}`)
}

function unlikeAnswer(
  { id, resolution }: QuestionState,
  answer: JudgedRun['plot']['answers'][number] | undefined,
): string[] {
  // Nobody's answer, and one that does not count, is judged elsewhere.
  if (resolution === null || answer?.action !== resolution.action) return []
  const faults: string[] = []
  if ((answer.message ?? null) !== resolution.message) {
    faults.push(`${id} was answered ${JSON.stringify(answer.message)}, and says ${JSON.stringify(resolution.message)}`)
  }
  if (answer.input !== undefined && !isDeepStrictEqual(answer.input, resolution.input_after)) {
    const [wanted, became] = [answer.input, resolution.input_after].map((input) => JSON.stringify(input))
    faults.push(`${id} was answered ${wanted}, and says ${became}`)
  }
  return faults
}

/** Of one that was ended before its turn came. */
const waitingText = ({ waiting }: RunState) =>
  waiting?.parts.map((part) => (part.type === 'text' ? part.text : '')).join('') ?? ''
