import type { SpoolUnderTest } from '@spool/testing'
import { type Frame, followOnce } from '../../../e2e/support/follower.ts'
import { get, isEnd } from '../../../e2e/support/system.ts'
import type { ClientLog, SeenEvent } from '../../client-log.ts'
import type { Plot } from '../../playing/kinds.ts'
import type { Answered, JudgedPlay, JudgedRun } from '../judged.ts'

/** A small play of everything, to be judged: real runs, and clients of each kind who saw them. */
export async function smallPlay(spool: SpoolUnderTest): Promise<JudgedPlay> {
  const plays = await Promise.all([
    ...PLOTS.map((plot, index) => nativePlay(spool, `native-${index}`, plot)),
    ...DIALECT_PLOTS.map((one) => dialectPlay(spool, one)),
  ])
  return { runs: plays.map(({ run }) => run), logs: plays.flatMap(({ logs }) => logs) }
}

/** For `writeAgentsFile`. */
export const SMALL_PLAY_AGENTS = [
  `talker: { model: 'demo/steady?tokens=12&tps=300' }`,
  `rememberer: { model: 'demo/agent?tps=1000', memory: true }`,
]

const PLAIN = { answers: [], cancelAfterMs: null }
const TOOLS = [
  { name: 'send_letter', input: { ms: 0 } },
  { name: 'look_up', input: { ms: 0 } },
]
const PLOTS: readonly Plot[] = [
  { ...PLAIN, kind: 'talk', agent: 'talker', body: { message: 'Hello.' } },
  { ...PLAIN, kind: 'call', agent: 'clerk', body: { message: JSON.stringify([TOOLS]) } },
  {
    ...PLAIN,
    kind: 'plan',
    agent: 'planner',
    body: { message: TOOLS.map(({ name, input }) => `${name} ${JSON.stringify(input)}`).join(', ') },
    answers: [{ action: 'modify', message: 'shorter, please' }, { action: 'confirm' }],
  },
  {
    ...PLAIN,
    kind: 'talk',
    agent: 'talker',
    body: { message: 'Hello.', model: 'demo/steady?tokens=500&tps=100' },
    // Once it has begun to speak.
    cancelAfterMs: 0,
  },
  {
    ...PLAIN,
    kind: 'remember',
    agent: 'rememberer',
    body: { message: 'I like tea.', metadata: { user: 'ada' } },
  },
]

async function nativePlay(spool: SpoolUnderTest, session: string, plot: Plot) {
  const key = `${session}-key`
  const path = `/v1/sessions/${session}`
  const ask = () => post(spool, `${path}/runs`, { agent: plot.agent, ...plot.body }, key)
  const told = [await ask(), await ask()].map(({ body }) => String(body['run']))
  const run = told[0]!
  const answered: Answered[] = []
  const answers = plot.answers.values()
  let cancelling: ReturnType<typeof post> | undefined
  const onFrame = async ({ data }: Frame) => {
    if (plot.cancelAfterMs !== null && data.type === 'text.delta')
      cancelling ??= post(spool, `${path}/runs/${run}/cancel`, {}, `${session}-cancel`)
    if (data.type !== 'confirmation.requested') return
    const answer = answers.next().value!
    const confirmation = String(data['confirmation'])
    const answerKey = `${session}-${answered.length}`
    const { status } = await post(spool, `${path}/confirmations/${confirmation}`, answer, answerKey)
    answered.push({ confirmation, action: answer.action, key: answerKey, status })
  }
  const ofRun = await follow(spool, `${path}/runs/${run}/events`, { onFrame })
  const cancelTold = (await cancelling)?.status
  const { last_seq } = (await get<{ session: { last_seq: number } }>(spool, path)).session
  const isLast = ({ data }: Frame) => data.seq === last_seq
  const [cut, ofSession] = await Promise.all([
    follow(spool, `${path}/runs/${run}/events`, { cutAfter: 5 }),
    follow(spool, `${path}/events`, { isLast }),
  ])
  const about = { session, faults: [], isOver: true, reconnects: 0, frames: [], after: null }
  const judged: JudgedRun = { plot, session, run, key, told, answered, cancelTold, faults: [] }
  const logs: ClientLog[] = [
    { ...about, kind: 'run', run, ...ofRun },
    { ...about, kind: 'cutting', run, ...cut },
    { ...about, kind: 'session', run: null, ...ofSession },
  ]
  return { run: judged, logs }
}

/** To the run's end, or to the event that is the last; each connection ends after so many events. */
async function follow(
  spool: SpoolUnderTest,
  path: string,
  options: {
    onFrame?: (frame: Frame) => unknown
    cutAfter?: number
    isLast?: (frame: Frame) => boolean
  },
): Promise<{ events: SeenEvent[]; at: number[]; reconnects: number }> {
  const { onFrame, cutAfter, isLast } = options
  const seen: { events: SeenEvent[]; at: number[]; reconnects: number } = { events: [], at: [], reconnects: -1 }
  const done = new AbortController()
  for (let after: string | undefined; ;) {
    seen.reconnects++
    const { key, url } = spool
    const take = (frame: Frame) => {
      if (done.signal.aborted) return
      seen.events.push(frame.data)
      seen.at.push(performance.now())
      void onFrame?.(frame)
      if (isLast?.(frame) === true) done.abort()
    }
    const followed = await followOnce(`${url}${path}`, {
      key,
      signal: done.signal,
      onFrame: take,
      ...(after !== undefined && { after }),
      ...(cutAfter !== undefined && { cutAfter }),
    })
    after = followed.lastId
    const hasEnded = isLast === undefined && seen.events.some(({ type }) => isEnd(String(type)))
    if (done.signal.aborted || followed.status === 204 || (followed.ended && hasEnded)) return seen
  }
}

interface DialectPlot {
  readonly dialect: string
  readonly path: string
  readonly body: Readonly<Record<string, unknown>>
  readonly plot: Plot
}

const DIALECT_PLOTS: readonly DialectPlot[] = [
  {
    dialect: 'chat',
    path: '/chat/stream',
    body: { message: 'Hello.', agent: 'talker' },
    plot: { ...PLAIN, kind: 'talk', agent: 'talker', body: { message: 'Hello.' } },
  },
  {
    dialect: 'confirmation',
    path: '/api/v1/chat/stream',
    body: { message: JSON.stringify([TOOLS]), agent: 'clerk' },
    plot: { ...PLAIN, kind: 'call', agent: 'clerk', body: { message: JSON.stringify([TOOLS]) } },
  },
  {
    dialect: 'planner',
    path: '/api/chat/agent',
    body: { dialogue_history: [{ role: 'user', content: JSON.stringify([TOOLS]) }], agent: 'clerk' },
    plot: { ...PLAIN, kind: 'call', agent: 'clerk', body: { message: JSON.stringify([TOOLS]) } },
  },
  {
    dialect: 'agent',
    path: '/api/v1/agents/rememberer/chat/stream',
    body: { message: 'I like tea. I live in house 7.', user_id: 'bob' },
    plot: { ...PLAIN, kind: 'remember', agent: 'rememberer', body: { message: 'I like tea. I live in house 7.' } },
  },
]

/** Reads it whole, and once more from the middle on: as somebody who was cut off there, and came back. */
async function dialectPlay(spool: SpoolUnderTest, { dialect, path, body, plot }: DialectPlot) {
  const session = `dialect-${dialect}`
  const started = await fetch(`${spool.url}${path}`, {
    method: 'POST',
    headers: { ...headers(spool.key), 'idempotency-key': `${session}-key` },
    body: JSON.stringify({ ...body, session_id: session }),
  })
  const text = await started.text()
  if (started.status !== 200) throw new Error(`${path} was answered ${started.status} ${text}`)
  const frames = framesIn(text)
  const run = started.headers.get('x-spool-run')!
  const middle = frames.findIndex((frame, index) => index >= frames.length / 2 && frame.startsWith('id: '))
  const cursor = /^id: (.*)$/m.exec(frames[middle]!)![1]!
  const resumed = await fetch(`${spool.url}${path}?session_id=${session}&after=${cursor}`, {
    headers: headers(spool.key),
  })
  const before = frames.slice(0, middle + 1)
  const about = { session, run, after: null, events: [], isOver: true, faults: [] }
  const judged: JudgedRun = { plot, session, run, key: `${session}-key`, told: [run], answered: [], faults: [] }
  const logs: ClientLog[] = [
    { ...about, kind: `dialect ${dialect}`, ...timed(frames), joints: [], reconnects: 0 },
    {
      ...about,
      kind: `dialect ${dialect}`,
      ...timed([...before, ...framesIn(await resumed.text())]),
      joints: [before.length],
      reconnects: 1,
    },
  ]
  return { run: judged, logs }
}

function framesIn(text: string): string[] {
  return text.split('\n\n').filter((block) => /^data: /m.test(block) && !block.startsWith('event: heartbeat'))
}

async function post(spool: SpoolUnderTest, path: string, body: object, key: string) {
  const response = await fetch(`${spool.url}${path}`, {
    method: 'POST',
    headers: { ...headers(spool.key), 'idempotency-key': key },
    body: JSON.stringify(body),
  })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

const headers = (key: string) => ({ authorization: `Bearer ${key}`, 'content-type': 'application/json' })
const timed = (frames: string[]) => ({ frames, at: frames.map(() => performance.now()) })
