import { type MessageState, PROPOSE_PLAN, type RunState, type Task } from '@spool/events'
import { z } from 'zod'
import type { Tool } from '../tools/tool.ts'
import { toolsOf } from './agent-of.ts'
import { isTooLong, planPrompt } from './ask-person.ts'
import type { Circumstances } from './decision.ts'

const MOST_TASKS = 50
/** The model corrects what it is told of, and hears of the others next time; to look further may take long. */
const MOST_PROBLEMS = 5

const proposalSchema = z.object({
  tasks: z
    .array(
      z.object({
        description: z.string().min(1).max(2000).describe('What is done, in words for the person who is asked'),
        tool: z.string().min(1).optional().describe('Name of the tool that does it; leave it out where none is needed'),
        input: z.unknown().optional().describe("The tool's arguments, exactly as they will be used"),
      }),
    )
    .min(1)
    .max(MOST_TASKS),
})

const { $schema: _, ...inputSchema } = z.toJSONSchema(proposalSchema, { io: 'input' })

/** Through it a model proposes what it wants to do. It is never run: its call is the proposal. */
export const proposePlanTool = {
  name: PROPOSE_PLAN,
  description:
    'Proposes numbered tasks to the person, who confirms, changes or refuses them. Once they are confirmed they are ' +
    'carried out one after another, exactly as proposed, and you are told the results.',
  input_schema: inputSchema,
}

export type Proposal =
  | { readonly ok: true; readonly call: string; readonly tasks: Task[] }
  | { readonly ok: false; readonly call: string; readonly input: unknown; readonly problem: string }

/** What a message proposes; null: nothing. */
export function proposalOf(turn: MessageState, run: RunState, circumstances: Circumstances): Proposal | null {
  const proposed = turn.toolCalls.find((call) => call.name === PROPOSE_PLAN)
  if (proposed === undefined) return null
  const { call, input } = proposed
  const read = proposalSchema.safeParse(input)
  if (!read.success) return { ok: false, call, input, problem: describe(read.error) }
  const tools = toolsOf(run, circumstances)
  const problems: string[] = []
  for (const [index, task] of read.data.tasks.entries()) {
    const problem = problemOf(task, index + 1, tools)
    if (problem !== null) problems.push(problem)
    if (problems.length === MOST_PROBLEMS) break
  }
  if (problems.length > 0) return { ok: false, call, input, problem: problems.join('\n') }
  const tasks = read.data.tasks.map(({ description, tool, input: given }, index) => ({
    index: index + 1,
    description,
    ...(tool !== undefined && { tool, input: given ?? {} }),
  }))
  if (isTooLong({ prompt: planPrompt(run.language, tasks), tasks })) {
    return {
      ok: false,
      call,
      input,
      problem: 'The plan is too long for a question. Propose less at once, in fewer words.',
    }
  }
  return { ok: true, call, tasks }
}

function problemOf(task: { tool?: string | undefined; input?: unknown }, index: number, tools: readonly Tool[]) {
  if (task.tool === undefined) return null
  const tool = tools.find(({ name }) => name === task.tool)
  if (tool === undefined) {
    const names = tools.map(({ name }) => name).join(', ') || 'none'
    return `Task ${index}: there is no tool ${JSON.stringify(task.tool)}; there are: ${names}.`
  }
  const problem = tool.problemOf(task.input ?? {})
  return problem === null ? null : `Task ${index}: ${problem}`
}

function describe(error: z.ZodError): string {
  return error.issues
    .slice(0, MOST_PROBLEMS)
    .map(({ path, message }) => `${path.join('.') || 'input'}: ${message}`)
    .join('\n')
}

/** What a model that has to plan is told of the tools: they are not offered to it, so that it cannot call them. */
export function planInstructions(tools: readonly Tool[]): string {
  return [
    `Before anything is done the person has to agree. Call ${PROPOSE_PLAN} once with all tasks that are needed, each with ` +
      'the tool that does it and the exact arguments. Where the person asks for changes, propose the whole plan again. ' +
      'If nothing has to be done with a tool, just answer.',
    `Tools for the tasks:\n${JSON.stringify(tools.map(toolDescription))}`,
  ].join('\n\n')
}

export function toolDescription({ name, description, inputSchema: schema }: Tool) {
  return { name, description, input_schema: schema }
}
