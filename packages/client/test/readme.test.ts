import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import * as client from '../src/index.ts'
import { answers, type Line, scriptedServer, streams } from './support/scripted-server.ts'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
const examples = [...readme.matchAll(/```js\n(.*?)```/gs)].map(([, block = '']) => block)

const exported = client as Readonly<Record<string, unknown>>
const AsyncFunction = (async () => undefined).constructor as new (
  ...source: string[]
) => (...values: unknown[]) => Promise<void>

/** Runs an example with what it imports, and with what its reader has: that much, and nothing else. */
async function run(example: string, given: Readonly<Record<string, unknown>>): Promise<void> {
  const names = [...example.matchAll(/^import \{ (.*) \} from '@spool\/client'$/gm)].flatMap(([, list = '']) =>
    list.split(', '),
  )
  const known = { ...given, ...Object.fromEntries(names.map((name) => [name, exported[name]])) }
  const code = example.replaceAll(/^import .*$/gm, '').replaceAll('http://localhost:8080', String(given['url']))
  await new AsyncFunction(...Object.keys(known), code)(...Object.values(known))
}

const ANSWER: Line[] = [
  [3, 2, 'message.started', { run: 'r', message: 'm', purpose: 'answer' }],
  [4, 3, 'text.delta', { run: 'r', message: 'm', text: 'Done.' }],
  [5, 4, 'run.completed', { run: 'r', status: 'done' }],
]
const hello = streams([2, 0, 'run.started', { run: 'r' }], ...ANSWER)
const asking = streams(
  [1, 0, 'run.started', { run: 'r' }],
  [2, 1, 'confirmation.requested', { run: 'r', confirmation: 'c', prompt: 'Shall I?', hash: 'h' }],
  ...ANSWER,
)
const messages = answers(200, { messages: [], cursor: '1-5' })
const history = streams([6, 5, 'session.erased'])
const waits = answers(200, { confirmations: [], cursor: '1-2' })
const confirmed = answers(200, { status: 'accepted' })

const taken = answers(200, { sequence: 1 })
const page = answers(200, { chunks: [], current_sequence: 2, attempt: 0, finished: true, more: false })
const producing = [answers(201, { run: 'r', message: 'm', cursor: '0' }), taken, taken, answers(200, {}), page]

const forked = answers(201, { session: 'other', cursor: '1-9' })

const ACTS = [
  [hello, messages, history],
  [hello],
  [asking, confirmed],
  [asking, confirmed],
  [asking, waits, confirmed],
  [forked, hello],
  producing,
]

test.each(examples.map((example, at) => [example, ACTS[at] ?? []] as const))(
  'an example of the README runs as it stands:\n%s',
  async (example, acts) => {
    const { url, received } = await scriptedServer(...acts)
    const given = { url, key: 'k', show: () => undefined, ask: () => true, event: { cursor: '1-5' } }
    const session = new client.Spool({ url, key: 'k' }).session('s')
    await run(example, example.includes('new Spool') ? given : { ...given, session })
    expect(received).toHaveLength(acts.length)
  },
)
