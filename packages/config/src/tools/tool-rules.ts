import { isMap, type RawMap } from '../file/is-map.ts'
import { holdsKey, isVariableName } from '../file/looks-like-key.ts'
import type { RuleBroken } from '../file/rule-broken.ts'
import { isSet } from '../is-set.ts'
import { requireSchema } from '../json-schema/problem-of.ts'
import { SchemaInvalid } from '../json-schema/schema-invalid.ts'
import type { Environment } from '../load-config.ts'
import { takenToolNames } from './built-in-tools.ts'
import { isObjectSchema } from './tools-schema.ts'

/**
 * What is wrong with the tools of a file beyond what their schema says; of the file as it is written. With `env`,
 * variables that are named but not set are wrong as well.
 */
export function toolRulesBroken(file: unknown, env?: Environment): RuleBroken[] {
  if (!isMap(file)) return []
  const tools = isMap(file['tools']) ? file['tools'] : {}
  const webhooks = entries(tools['webhooks']).flatMap(([name, webhook]) =>
    below(
      ['tools', 'webhooks', name],
      [...webhookNameProblems(name), ...schemaProblems(webhook), ...variableProblems(webhook, env)],
    ),
  )
  const servers = entries(file['mcp_servers']).flatMap(([name, server]) =>
    below(
      ['mcp_servers', name],
      [...serverNameProblems(name), ...transportProblems(server), ...variableProblems(server, env)],
    ),
  )
  return [...shellProblems(tools), ...webhooks, ...servers]
}

const entries = (value: unknown) => (isMap(value) ? Object.entries(value) : [])

const below = (path: readonly PropertyKey[], problems: readonly RuleBroken[]): RuleBroken[] =>
  problems.map(({ path: inner, problem }) => ({ path: [...path, ...inner], problem }))

const isOn = (section: unknown) => section !== undefined && section !== false

function shellProblems({ shell, workspace }: RawMap): RuleBroken[] {
  if (!isOn(shell) || isOn(workspace)) return []
  const problem = 'works in the folder of a session, so it needs a workspace; write "workspace: true" beside it'
  return [{ path: ['tools', 'shell'], problem }]
}

/** Models take no other names, and two underscores part a server from its tool. */
function webhookNameProblems(name: string): RuleBroken[] {
  if (takenToolNames.includes(name))
    return [{ path: [], problem: 'a tool of this name is built in; call it something else' }]
  if (/^[A-Za-z][A-Za-z0-9_-]{0,63}$/.test(name) && !name.includes('__')) return []
  const problem = 'must be called something with 1 to 64 letters, digits, - or _, a letter first and no __ in it'
  return [{ path: [], problem }]
}

/** Of one that is a map of the right kind; anything else was refused for its form. */
function schemaProblems(webhook: unknown): RuleBroken[] {
  const schema = isMap(webhook) ? webhook['input_schema'] : undefined
  if (!isMap(schema) || !isObjectSchema(schema)) return []
  try {
    requireSchema(schema)
    return []
  } catch (error) {
    if (!(error instanceof SchemaInvalid)) throw error
    const problem = holdsKey(error.problem) ? 'is no JSON Schema' : error.problem
    return [{ path: ['input_schema', ...error.path], problem }]
  }
}

/** Short, so that there is room for the names of its tools. */
function serverNameProblems(name: string): RuleBroken[] {
  if (/^[A-Za-z][A-Za-z0-9_-]{0,31}$/.test(name) && !name.includes('__') && !name.endsWith('_')) return []
  const problem =
    'must be called something with 1 to 32 letters, digits, - or _, a letter first, no __ in it and no _ at its end'
  return [{ path: [], problem }]
}

const ofProgram = ['args', 'env', 'cwd']

function transportProblems(server: unknown): RuleBroken[] {
  if (!isMap(server)) return []
  const { command, url } = server
  if ((command === undefined) === (url === undefined)) {
    const problem = command === undefined ? 'has neither command nor url' : 'has both command and url'
    return [{ path: [], problem: `${problem}; name the program to start, or the address of a server that is running` }]
  }
  const foreign = command === undefined ? ofProgram : ['headers']
  const problem = `means nothing beside ${command === undefined ? 'url' : 'command'}; leave it out`
  const headers = entries(server['headers']).filter(([name]) => !/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/.test(name))
  return [
    ...foreign.filter((field) => server[field] !== undefined).map((field) => ({ path: [field], problem })),
    ...headers.map(([name]) => ({ path: ['headers', name], problem: 'is no name of a header' })),
  ]
}

function variableProblems(owner: unknown, env: Environment | undefined): RuleBroken[] {
  if (env === undefined || !isMap(owner)) return []
  const { secret_env: secret, env: list } = owner
  const named: [PropertyKey[], unknown][] = [
    [['secret_env'], secret],
    ...(Array.isArray(list)
      ? list.map((name: unknown, index): [PropertyKey[], unknown] => [['env', index], name])
      : []),
    ...entries(owner['headers']).map(([header, name]): [PropertyKey[], unknown] => [['headers', header], name]),
  ]
  // Anything else was refused for its form, and may be the secret itself.
  return named.flatMap(([path, name]) =>
    typeof name === 'string' && isVariableName(name) && !isSet(env, name)
      ? [{ path, problem: `${name} is not set in the environment. Set it, or name another variable` }]
      : [],
  )
}
