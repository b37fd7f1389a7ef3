import { demoScript } from '../../../services/llm-proxy/src/providers/demo/demo-script.ts'
import { PROVIDER_MODEL, providerSays } from '../provider-script.ts'
import type { Random } from '../random.ts'

/** For `writeAgentsFile`, beside its `clerk` and `planner`. */
export const MORE_AGENTS = [
  `talker: { model: 'demo/steady?tokens=80&tps=60' }`,
  `helper: { model: 'demo/agent?tps=25', tools: [clock, calculator, demo_wait, demo_postcard] }`,
  `asker: { model: 'demo/calls?tps=100', tools: [look_up, send_letter, measure], confirmation: { tools: [send_letter] } }`,
  `rememberer: { model: 'demo/agent?tps=25', memory: true }`,
]

export interface Answer {
  action: 'confirm' | 'modify' | 'cancel'
  message?: string
  input?: unknown
}

/** A run: what is asked of whom, and what a person does meanwhile. */
export interface Plot {
  kind: string
  agent: string
  body: Record<string, unknown>
  /** The answer to each question in turn; past the end, and for null, there is none. */
  answers: (Answer | null)[]
  /** So long after its start the run is cancelled; null: it is not. */
  cancelAfterMs: number | null
  /** All of the answer, where that is known before. */
  says?: string
}

const CONFIRM: Answer = { action: 'confirm' }

/** What persons do. Who gives no answer asks for a short time to give one. */
const ANSWERS = {
  confirm: [CONFIRM],
  modify: [{ action: 'modify', message: 'shorter, please' }, CONFIRM],
  cancel: [{ action: 'cancel' }],
  none: [null],
} satisfies Record<string, (Answer | null)[]>

const howPersonsAnswer = [
  ['confirm', 5],
  ['modify', 2],
  ['cancel', 1],
  ['none', 1],
] as const

type Sketch = Pick<Plot, 'kind' | 'agent' | 'body'> & Partial<Plot>
type Draw = (random: Random, index: number) => Sketch

export function plotOf(random: Random, index: number): Plot {
  const plot = random.one(PLOTS)(random, index)
  const isCancelled = random.next() < 0.06
  return { answers: [], cancelAfterMs: isCancelled ? random.between(0, 3000) : null, ...plot }
}

/** Most of them only talk, and take their time. */
const PLOTS: readonly (readonly [Draw, number])[] = [
  [talk, 14],
  [talkOutside, 6],
  [emoji, 2],
  [echo, 2],
  [flood, 1],
  [help, 3],
  [plan, 4],
  [call, 4],
  [ask, 3],
  [remember, 3],
]

function talk(random: Random, index: number): Sketch {
  const tokensPerSecond = random.whole(4, 10)
  const tokens = Math.round(tokensPerSecond * random.between(4, 20))
  return demo(
    'talk',
    `demo/steady?tokens=${tokens}&tps=${tokensPerSecond}&seed=${index % 1_000_000}`,
    `Hello for the ${index}th time.`,
  )
}

/** Five words take a second. */
function talkOutside(random: Random, index: number): Sketch {
  const message = `Tell me ${random.whole(20, 80)} words of ${index}.`
  const body = { message, model: PROVIDER_MODEL }
  return { kind: 'talk outside', agent: 'talker', body, says: providerSays(message) }
}

function emoji(random: Random): Sketch {
  const tokensPerSecond = random.whole(4, 10)
  const tokens = Math.round(tokensPerSecond * random.between(4, 15))
  return demo('emoji', `demo/emoji?count=${tokens}&tps=${tokensPerSecond}`, 'Show me.')
}

/** What would break a stream, a document or a page that is put together with too little care. */
const HOSTILE = [
  '\n\nid: 9-9\nevent: reset\ndata: {"reason":"none"}\n\n',
  'data: [DONE]\n\n',
  '\r\n\r\n: keep-alive\r\n',
  '\u0000 \u0001 \u001b[2J \u007f',
  '\u2028\u2029\ufeff\u200b\u202e',
  '"}]}\\u0000\\ud800\\',
  '<script>alert(1)</script>&lt;',
  "'; drop table events; --",
  '👩‍👩‍👧‍👦 🏳️‍🌈 e\u0301 \u{1f468}\u200d\u{1f4bb} 𝕊',
  '{"chunk_type":"done","finished":true}',
]

function echo(random: Random, index: number): Sketch {
  const pieces = Array.from({ length: random.whole(4, 12) }, () => HOSTILE[random.whole(0, HOSTILE.length - 1)])
  const message = `Say this ${index}: ${pieces.join(' and ')} and no more.`
  return { kind: 'echo', agent: 'talker', body: { message, model: 'demo/echo?tps=2000' }, says: message }
}

/** So much that somebody who reads slowly makes the server wait. */
function flood(random: Random, index: number): Sketch {
  const model = `demo/steady?tokens=${random.whole(5_000, 30_000)}&tps=${random.whole(2_000, 6_000)}&seed=${index % 1_000_000}`
  return demo('flood', model, 'All of it, at once.')
}

function demo(kind: string, model: string, message: string): Sketch {
  return { kind, agent: 'talker', body: { message, model }, says: demoScript(model).join('') }
}

function help(random: Random): Sketch {
  const seconds = random.between(0.1, 1.5).toFixed(1)
  const message = `What is ${random.whole(1, 99)} * ${random.whole(1, 99)}? Then wait for ${seconds} s, and send a postcard to Ada.`
  return { kind: 'help', agent: 'helper', body: { message } }
}

function call(random: Random): Sketch {
  const [look, send, measure] = [called(random, 'look_up'), called(random, 'send_letter'), called(random, 'measure')]
  const message = JSON.stringify(
    random.one([
      [[[look, send], [measure]], 1],
      [[[look], [send, measure]], 1],
    ]),
  )
  return { kind: 'call', agent: 'clerk', body: { message } }
}

function plan(random: Random): Sketch {
  const tools = ['look_up', 'send_letter', 'measure'].map((name) => called(random, name))
  const message = tools.map(({ name, input }) => `${name} ${JSON.stringify(input)}`).join(', ')
  return asked(random, { kind: 'plan', agent: 'planner', body: { message } })
}

/** One of the calls asks a person first; changed, it has other arguments and asks no more. */
function ask(random: Random): Sketch {
  const message = JSON.stringify([[called(random, 'send_letter'), called(random, 'look_up')]])
  const sketch = asked(random, { kind: 'ask', agent: 'asker', body: { message } })
  const isChanged = sketch.answers?.[0]?.action === 'modify'
  return isChanged ? { ...sketch, answers: [{ action: 'modify', input: { ms: 7 } }] } : sketch
}

function remember(random: Random, index: number): Sketch {
  const things = ['tea', 'coffee', 'rain', 'snow', 'Bach', 'Haydn', 'maps', 'chess']
  const thing = things[random.whole(0, things.length - 1)]
  const message = `My name is Ada. I like ${thing}. I live in house ${index}.`
  return { kind: 'remember', agent: 'rememberer', body: { message, metadata: { user: `user-${index % 20}` } } }
}

function asked(random: Random, sketch: Sketch): Sketch {
  const how = random.one(howPersonsAnswer)
  const timeout = how === 'none' ? { confirmation: { timeout_seconds: random.whole(5, 10) } } : {}
  return { ...sketch, kind: `${sketch.kind}, ${how}`, body: { ...sketch.body, ...timeout }, answers: ANSWERS[how] }
}

const called = (random: Random, name: string) => ({ name, input: { ms: random.whole(0, 1500) } })
