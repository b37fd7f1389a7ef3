import { readFileSync } from 'node:fs'
import type { ToolsSettings } from '@spool/config'
import { expect, test } from 'vitest'
import { BuiltInTools } from '../../src/tools/built-in/built-in-tools.ts'
import { Toolbox } from '../../src/tools/toolbox.ts'
import { toolContext } from '../support/tool-context.ts'

const off: ToolsSettings = { httpGet: null, workspace: null, shell: null, webhooks: [], mcpServers: [] }
const on: ToolsSettings = {
  ...off,
  httpGet: { allow: ['api.example.com'] },
  workspace: { folder: '/nowhere' },
  shell: { timeoutMs: 30_000, maxProcesses: 64, maxMemoryBytes: 512 * 1024 ** 2 },
}

const toolbox = new Toolbox([new BuiltInTools(on)])
const tool = (name: string) => {
  const found = toolbox.find(name)
  if (found === undefined) throw new Error(`no ${name}`)
  return found
}

const names = (settings: ToolsSettings) => new BuiltInTools(settings).tools().map(({ name }) => name)

test('what is not turned on is not there', () => {
  const always = ['clock', 'calculator', 'design_document', 'demo_wait', 'demo_postcard']
  expect(names(off)).toEqual(always)
  expect(names(on)).toEqual([...always, 'http_get', 'workspace_read', 'workspace_write', 'shell'])
  // Where there is no folder to be confined to, there is no shell.
  expect(names({ ...on, workspace: null })).toEqual([...always, 'http_get'])
})

const named = (those: 'asksFirst' | 'repeatable') =>
  new BuiltInTools(on)
    .tools()
    .filter((each) => each[those])
    .map(({ name }) => name)

test('those that touch this machine ask first; those that must not happen twice say so', () => {
  expect(named('asksFirst')).toEqual(['workspace_read', 'workspace_write', 'shell'])
  expect(named('repeatable')).toEqual([
    'clock',
    'calculator',
    'design_document',
    'demo_wait',
    'http_get',
    'workspace_read',
  ])
})

test('a model is told what each takes, as a JSON Schema of an object', () => {
  for (const { name, description, inputSchema, timeoutMs } of new BuiltInTools(on).tools()) {
    expect(name).toMatch(/^[a-z_]{1,64}$/)
    expect(description.length).toBeGreaterThan(20)
    expect(inputSchema).toMatchObject({ type: 'object', additionalProperties: false })
    expect(inputSchema).not.toHaveProperty('$schema')
    expect(timeoutMs).toBeGreaterThan(0)
  }
  expect(tool('demo_wait').inputSchema).toMatchObject({ required: ['seconds'] })
})

test.each([
  ['calculator', null, 'the arguments: Invalid input: expected object, received null'],
  ['calculator', { expression: 1 }, 'expression: Invalid input: expected string, received number'],
  ['demo_wait', { seconds: 31 }, 'seconds: Too big: expected number to be <=30'],
  ['demo_wait', { seconds: 0, steps: 0.5 }, /^seconds: .*; steps: /],
  ['demo_postcard', { to: 'Ann', text: 'Hi', colour: 'red' }, 'the arguments: Unrecognized key: "colour"'],
  ['design_document', { title: '  ', markdown: 'x' }, 'title: must not be blank'],
  ['shell', { command: 'a\0b' }, 'command: must not contain NUL'],
])('what is wrong with the arguments of %s is said in words: %j', (name, input, problem) =>
  expect(tool(name).problemOf(input)).toEqual(problem instanceof RegExp ? expect.stringMatching(problem) : problem),
)

test('arguments that fit have no problem', () => {
  expect(tool('calculator').problemOf({ expression: '1+1' })).toBeNull()
  expect(tool('clock').problemOf({})).toBeNull()
})

test('the calculator tells the result as text, so that no digit is lost', async () => {
  const output = await tool('calculator').run({ expression: '2^64' }, toolContext())
  expect(output).toEqual({ expression: '2^64', result: '18446744073709551616', exact: true })
})

test('a document becomes an artifact with a file name of its title', async () => {
  const context = toolContext()
  const output = await tool('design_document').run({ title: '決済 Service v2', markdown: '# 決済\n' }, context)
  expect(output).toEqual({ artifact: '決済-service-v2.md', title: '決済 Service v2' })
  expect(context.artifacts).toEqual([
    {
      kind: 'design_document',
      title: '決済 Service v2',
      filename: '決済-service-v2.md',
      mediaType: 'text/markdown',
      content: '# 決済\n',
    },
  ])
})

test('waiting tells its progress in the language of the run, to the end', async () => {
  const context = toolContext({ language: 'fr' })
  expect(await tool('demo_wait').run({ seconds: 0.1, steps: 4 }, context)).toEqual({ waited_seconds: 0.1 })
  expect(context.told).toEqual([
    { progress: 0.25, text: 'Étape 1 sur 4…' },
    { progress: 0.5, text: 'Étape 2 sur 4…' },
    { progress: 0.75, text: 'Étape 3 sur 4…' },
    { progress: 1, text: 'Étape 4 sur 4…' },
  ])
})

test('waiting ends when nobody waits for it any more', async () => {
  const cancel = new AbortController()
  const waiting = tool('demo_wait').run({ seconds: 30 }, toolContext({ signal: cancel.signal }))
  cancel.abort()
  await expect(waiting).rejects.toMatchObject({ name: 'AbortError' })
})

test('a postcard is not sent, and its receipt is that of the call', async () => {
  const output = await tool('demo_postcard').run({ to: 'Ann', text: 'Hi' }, toolContext({ call: 'call-7' }))
  expect(output).toEqual({ receipt: 'postcard-call-7', to: 'Ann', text: 'Hi', sent: false })
})

const word = (is: boolean) => (is ? 'yes' : 'no')

test('the page about tools has each with its arguments and what it declares', () => {
  const page = readFileSync(new URL('../../../../docs/tools.md', import.meta.url), 'utf8').replaceAll(/ +/g, ' ')
  for (const { name, inputSchema, asksFirst, repeatable } of new BuiltInTools(on).tools()) {
    const { properties, required = [] } = inputSchema as { properties: object; required?: string[] }
    const args = Object.keys(properties).map((arg) => `\`${arg}${required.includes(arg) ? '' : '?'}\``)
    expect(page).toContain(`| \`${name}\` | ${args.join(', ')} | ${word(asksFirst)} | ${word(repeatable)} |`)
  }
})
