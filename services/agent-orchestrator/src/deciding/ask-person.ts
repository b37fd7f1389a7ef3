import { createHash } from 'node:crypto'
import { MAX_EVENT_BYTES, type RunState, type Task, draft, onOneLine, say, shown } from '@spool/events'
import { agentOf } from './agent-of.ts'
import { type Circumstances, type Decision, append } from './decision.ts'

export interface Question {
  readonly kind: 'plan' | 'tool'
  readonly round: number
  readonly prompt: string
  readonly tasks: Task[]
  readonly call?: string
}

const DEFAULT_TIMEOUT_SECONDS = 300

/** The furthest instant that there is a date for. */
const LAST_INSTANT_MS = Date.parse('9999-12-31T23:59:59.999Z')

export function ask(run: RunState, question: Question, circumstances: Circumstances): Decision {
  const { now, newId } = circumstances
  const timeout_seconds =
    run.confirmation?.timeout_seconds ??
    agentOf(run, circumstances)?.confirmation.timeoutSeconds ??
    DEFAULT_TIMEOUT_SECONDS
  const deadline = new Date(Math.min(now.getTime() + timeout_seconds * 1000, LAST_INSTANT_MS)).toISOString()
  const about = { run: run.id, confirmation: newId(), ...question, hash: hashOf(question.tasks) }
  const options = ['confirm' as const, 'modify' as const, 'cancel' as const]
  return append(draft('confirmation.requested', { ...about, options, timeout_seconds, deadline }, now))
}

/** What a question's event says beside its prompt and its tasks. */
const REST_BYTES = 4 * 1024

/** Whether a person cannot be asked this, since it does not fit into an event. */
export function isTooLong({ prompt, tasks }: Pick<Question, 'prompt' | 'tasks'>): boolean {
  return Buffer.byteLength(JSON.stringify({ prompt, tasks })) > MAX_EVENT_BYTES - REST_BYTES
}

/** Of exactly what will be done: which tools, in which order, with which arguments. */
export function hashOf(tasks: readonly Task[]): string {
  const done = tasks.map(({ index, tool, input }) => [index, tool ?? null, sorted(input ?? null)])
  return createHash('sha256').update(JSON.stringify(done)).digest('hex')
}

/** The same value has the same text, in whatever order its fields came; a list never has the text of an object's fields. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return ['list', ...value.map(sorted)]
  if (typeof value !== 'object' || value === null) return value
  const fields = Object.entries(value).map(([name, field]) => [name, sorted(field)] as const)
  return fields.toSorted(([one], [other]) => (one < other ? -1 : 1))
}

/** In UTF-16 units; of what is longer the beginning and the end. The whole lies in the question's tasks. */
const MOST_OF_A_TASK = 1000
const MOST_OF_A_CALL = 8000

/** Each task with exactly what it does: the description is the model's word for it, and could say anything. */
export function planPrompt(language: string | null, tasks: readonly Task[]): string {
  const list = tasks.map(({ index, description, tool, input }) => {
    const what = `${index}. ${onOneLine(description)}`
    return tool === undefined ? what : `${what}\n   ${tool} ${shown(JSON.stringify(input ?? {}), MOST_OF_A_TASK)}`
  })
  return say(language, 'question.plan', { count: tasks.length, tasks: list.join('\n') })
}

/** What a person is asked about a single call. */
export function toolQuestion(language: string | null, { name: tool, description }: Called, input: unknown) {
  const text = JSON.stringify(input, null, 2) ?? ''
  const prompt = say(language, 'question.tool', { tool, input: shown(text, MOST_OF_A_CALL) })
  return { prompt, tasks: [{ index: 1, description, tool, input }] }
}

interface Called {
  readonly name: string
  readonly description: string
}
