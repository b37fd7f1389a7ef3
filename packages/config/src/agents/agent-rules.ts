import { isMap, type RawMap } from '../file/is-map.ts'
import { looksLikeKey } from '../file/looks-like-key.ts'
import { nearName } from '../file/near-name.ts'
import type { RuleBroken } from '../file/rule-broken.ts'
import { toolsToTurnOn } from '../tools/built-in-tools.ts'
import { type WrittenTools, writtenTools } from '../tools/written-tools.ts'
import { builtInAgentIds } from './built-in-agents.ts'

const mostNamed = 20

/** What agents may name. */
export interface AgentSurroundings {
  knowsModel(model: string): boolean
  /** For advice. */
  readonly models: readonly string[]
}

/** What is wrong with the agents of a file beyond what their schema says; of the file as it is written. */
export function agentRulesBroken(file: unknown, surroundings: AgentSurroundings): RuleBroken[] {
  if (!isMap(file)) return []
  const agents = isMap(file['agents']) ? file['agents'] : {}
  const tools = writtenTools(file)
  const ofAgents = Object.entries(agents).flatMap(([id, agent]) => {
    const broken = isMap(agent) ? agentRules.flatMap((rule) => rule(agent, tools, surroundings)) : []
    return [...idProblems(id), ...broken].map(({ path, problem }) => ({ path: ['agents', id, ...path], problem }))
  })
  return [...ofAgents, ...defaultProblems(file)]
}

/** `__proto__` would be lost on the way. */
const isId = (id: string) => /^[A-Za-z0-9_-]{1,128}$/.test(id) && id !== '__proto__'

function idProblems(id: string): RuleBroken[] {
  return isId(id) ? [] : [{ path: [], problem: 'must be called something with 1 to 128 letters, digits, - or _' }]
}

function defaultProblems({ agents, default_agent: id }: RawMap): RuleBroken[] {
  const ids = isMap(agents) ? Object.keys(agents) : agents === undefined ? builtInAgentIds : undefined
  if (typeof id !== 'string' || ids === undefined || ids.includes(id)) return []
  return [{ path: ['default_agent'], problem: `there is no agent of this id${nearOrAll(id, ids.filter(isId))}` }]
}

type AgentRule = (agent: RawMap, tools: WrittenTools, surroundings: AgentSurroundings) => RuleBroken[]

const modelIsKnown: AgentRule = ({ model }, _, { knowsModel, models }) => {
  if (typeof model !== 'string' || knowsModel(model)) return []
  return [{ path: ['model'], problem: `there is no model of this name${nearOrAll(model, models)}` }]
}

const toolsAreThere: AgentRule = ({ tools }, there) =>
  texts(tools).flatMap(({ text, index }) => {
    const problem = toolProblem(text, there)
    return problem === undefined ? [] : [{ path: ['tools', index], problem }]
  })

/** Tools that ask by themselves wait as long as is said here, so a time alone means something too. */
const modeFitsItsTools: AgentRule = ({ confirmation }) => {
  if (!isMap(confirmation)) return []
  const { mode, tools } = confirmation
  if (Array.isArray(tools) && tools.length === 0)
    return [
      { path: ['confirmation', 'tools'], problem: 'is empty; name those that ask before each call, or leave it out' },
    ]
  if (mode === 'tools' && tools === undefined)
    return [{ path: ['confirmation'], problem: 'tools is missing; name those that ask before each call' }]
  if ((mode === 'plan' || mode === 'never') && tools !== undefined)
    return [
      { path: ['confirmation', 'tools'], problem: `means nothing where the mode is ${mode}; leave one of them out` },
    ]
  return []
}

const askingToolsAreItsOwn: AgentRule = ({ tools, confirmation }) => {
  if (!isMap(confirmation)) return []
  const own = texts(tools).map(({ text }) => text)
  return texts(confirmation['tools']).flatMap(({ text, index }) => {
    if (own.some((pattern) => covers(pattern, text) || covers(text, pattern))) return []
    const problem = `is none of the tools of this agent${nearName(text, own)}`
    return [{ path: ['confirmation', 'tools', index], problem }]
  })
}

const agentRules: readonly AgentRule[] = [modelIsKnown, toolsAreThere, modeFitsItsTools, askingToolsAreItsOwn]

const texts = (list: unknown) =>
  Array.isArray(list) ? list.flatMap((text: unknown, index) => (typeof text === 'string' ? [{ text, index }] : [])) : []

const covers = (pattern: string, name: string): boolean =>
  pattern === name || (pattern.endsWith('__*') && name.startsWith(pattern.slice(0, -1)))

function toolProblem(name: string, { names, servers }: WrittenTools): string | undefined {
  const [server = '', ...rest] = name.split('__')
  if (rest.length > 0) {
    if (!/^[^*]+$|^\*$/.test(rest.join('__')))
      return 'must be server__tool, or server__* for all tools of an MCP server'
    return servers.includes(server)
      ? undefined
      : `there is no MCP server of this name under mcp_servers${nearOrAll(server, servers)}`
  }
  if (name.includes('*')) return 'must be the name of a tool, or server__* for all tools of an MCP server'
  if (names.includes(name)) return undefined
  const off = Object.hasOwn(toolsToTurnOn, name) ? toolsToTurnOn[name] : undefined
  if (off) return `is off; turn it on with ${off.advice}`
  if (servers.includes(name)) return `is an MCP server; ${name}__* stands for all of its tools`
  const every = [...names, ...Object.keys(toolsToTurnOn)]
  return `there is no tool of this name${nearName(name, every) || all(names)}`
}

const nearOrAll = (written: string, names: readonly string[]) => nearName(written, names) || all(names)

/** As many as can be taken in at a glance; none that may not be shown. */
function all(names: readonly string[]): string {
  const shown = names.filter((name) => !looksLikeKey(name))
  if (shown.length === 0) return ''
  const told = shown.slice(0, mostNamed).join(', ')
  return `; there ${shown.length === 1 ? 'is' : 'are'} ${told}${shown.length > mostNamed ? ', …' : ''}`
}
