import type { ToolDescription } from '../../provider.ts'
import { jsonAt } from './find-json.ts'
import { knownTools, shortens } from './known-tools.ts'
import { type DemoLanguage, demoText } from './languages.ts'
import { type Turn, wordsOf } from './turn.ts'
import { type WantedCall, callsOf, refusedNames, wantedCalls } from './wanted-calls.ts'

export const PROPOSE_PLAN = 'propose_plan'

/** What a plan is filled with where the person's words ask for too little. */
const FILLERS = ['clock', 'demo_wait', 'design_document', 'demo_postcard']

interface PlannedTask {
  readonly description: string
  readonly tool?: string
  readonly input?: unknown
}

/** The tasks that the person's words come to, all changes taken up; null: nothing is left to propose. */
export function planTasks(turn: Turn): readonly PlannedTask[] | null {
  const { language, remarks, hasProposed } = turn
  // Agreed to, and nothing in it was for a tool to do.
  if (hasProposed && remarks.at(-1) === 'Confirmed.') return null
  const calls = plannedCalls(turn)
  const tasks: PlannedTask[] = calls.map((call) => ({
    description: describe(call, language),
    tool: call.name,
    input: call.input,
  }))
  if (tasks.length === 0) tasks.push({ description: demoText(language, 'step') })
  const last = tasks.at(-1)!
  if (remarks.length === 0) return tasks
  const description = demoText(language, 'asked', { task: last.description, text: remarks.join(' ') })
  return [...tasks.slice(0, -1), { ...last, description }]
}

function plannedCalls(turn: Turn): readonly WantedCall[] {
  const { language, system, remarks } = turn
  const words = wordsOf(turn)
  const tools = toolsIn(system)
  const wanted = wantedCalls(words, tools, language)
  const refused = refusedNames(words)
  const fillers = FILLERS.filter((name) => !refused.has(name) && !wanted.some((call) => call.name === name))
  const missing = wanted.length === 0 ? 3 : Math.max(0, 2 - wanted.length)
  const calls = [...callsOf(fillers, words, tools, language).slice(0, missing), ...wanted]
  // A shorter plan loses first what nobody has asked for.
  return calls.slice(-Math.max(1, calls.length - remarks.filter(shortens).length))
}

function describe({ name, input }: WantedCall, language: DemoLanguage): string {
  const known = knownTools.find((tool) => tool.name === name)
  const values = Object(input) as Record<string, string | number>
  return known === undefined ? demoText(language, 'other', { tool: name }) : demoText(language, known.name, values)
}

/** A model that plans is told of the tools in its instructions: as JSON, or at least by their names. */
function toolsIn(system: string): readonly ToolDescription[] {
  const listed = jsonAt(system, system.indexOf('[', system.indexOf('Tools for the tasks:')))
  if (Array.isArray(listed) && listed.every(isTool)) return listed
  return knownTools.filter(({ name }) => new RegExp(`\\b${name}\\b`).test(system)).map(asTool)
}

const isTool = (value: unknown): value is ToolDescription => typeof Object(value).name === 'string'

const asTool = ({ name }: { readonly name: string }): ToolDescription => ({ name, input_schema: {} })
