import { rmSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { CallState } from '@spool/events'
import { type SpoolUnderTest, startSpool } from '@spool/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AgentsFile, TOOLS, writeAgentsFile } from './support/agents-file.ts'
import { type Frame, textOf } from './support/follower.ts'
import { judge, wrongEffects } from './support/judge.ts'
import { Hits, PlacesOfRun, callName } from './support/kill-points.ts'
import { OutsideWorld } from './support/outside-world.ts'
import { followRun, isEnd, post, start, until } from './support/system.ts'

/** Runs that are begun for each kill. */
const BATCH = 16
/** So many places at one blow are worth waiting for; one less after each so many milliseconds. */
const [MANY, PATIENCE_MS] = [9, 150]
const MOST_KILLS = 60

let world: OutsideWorld
let file: AgentsFile
let spool: SpoolUnderTest

beforeAll(async () => {
  world = await OutsideWorld.start()
  file = writeAgentsFile(world.url, 200)
  spool = await startSpool({ env: file.env, longestRestartDelayMs: 100 })
})
afterAll(async () => {
  await spool?.stop()
  world?.stop()
  if (file !== undefined) rmSync(file.folder, { recursive: true })
})

const input = { ms: 150 }

/** Each uses all three tools; the one as the model calls them, the other as tasks of a plan that is agreed to. */
const MESSAGES = {
  clerk: JSON.stringify([
    [
      { name: 'look_up', input },
      { name: 'send_letter', input },
    ],
    [{ name: 'measure', input }],
  ]),
  planner: Object.keys(TOOLS)
    .map((name) => `${name} ${JSON.stringify(input)}`)
    .join(', '),
}
type Agent = keyof typeof MESSAGES

/** A run, and somebody who watches it and comes back with the last id whenever the connection breaks. */
interface Watched {
  agent: Agent
  session: string
  /** Where it is, as far as can be seen; null: at its end. */
  place: string | null
  /** The tools that the outside world is at work for. */
  working: Set<string>
  frames: Promise<Frame[]>
}

const watched = new Map<string, Watched>()
const beginning: Promise<Watched>[] = []
/** Told whenever a run comes to a place. */
let seen: (place: string) => void = () => undefined

const ANSWERED = 'the answer was accepted'
const atWork = (agent: Agent, tool: string) => `at work: ${callName(tool, agent === 'planner')}`

test('kill -9 of the orchestrator at every step of a run leaves a run that ends, and nothing is done twice', async () => {
  world.onArrival(({ tool, session }) => {
    const { agent, working } = watched.get(session)!
    const place = atWork(agent, tool)
    working.add(place)
    seen(place)
    return () => void working.delete(place)
  })
  const hits = new Hits(await placesOf([await watch('clerk'), await watch('planner')]))

  let kills = 0
  const startedAt = performance.now()
  for (; hits.missing.length > 0 && kills < MOST_KILLS; kills++) await killOnce(hits)
  const lastKillAt = performance.now()
  expect(hits.missing).toEqual([])

  const all = await Promise.all(beginning)
  let ended = 0
  for (const { frames } of all) void frames.then(() => ended++)
  await until('every run has ended', () => ended === all.length, 60_000)
  console.info(`Killed, so many runs at each place:\n${hits.table()}`)
  console.info(`${all.length} runs, ${kills} kills in ${seconds(lastKillAt - startedAt)}`)
  console.info(`the last run ended ${seconds(performance.now() - lastKillAt)} after the last kill`)

  const ends: Record<string, number> = {}
  for (const one of all) {
    for (const { name, outcome, status, attempt, id } of await callsOf(one)) {
      const end = `${name}: ${outcome ?? status}, attempt ${attempt}, effects ${world.effectsOf(id)}`
      ends[end] = (ends[end] ?? 0) + 1
    }
  }
  console.info(ends)
}, 150_000)

async function watch(agent: Agent): Promise<Watched> {
  const session = `${agent}-${watched.size}`
  const places = new PlacesOfRun()
  const watcher: Watched = {
    agent,
    session,
    place: 'asked for',
    working: new Set(),
    frames: Promise.resolve([]),
  }
  watched.set(session, watcher)
  const { run } = await start(spool, session, { agent, message: MESSAGES[agent] }, { 'idempotency-key': session })
  const onFrame = (frame: Frame) => {
    watcher.place = isEnd(frame.event) ? null : places.after(frame)
    if (frame.event === 'confirmation.requested') void confirm(session, frame)
    if (watcher.place !== null) seen(watcher.place)
  }
  const cuts = [1, 2, 3].map(() => Math.ceil(Math.random() * 20))
  watcher.frames = followRun(spool, session, run, { cuts, onFrame })
  return watcher
}

/** Until it is heard that the answer is in the log, however often whoever takes it dies. */
async function confirm(session: string, { data }: Frame): Promise<void> {
  const path = `/v1/sessions/${session}/confirmations/${String(data['confirmation'])}`
  let status = 202
  while (status === 202)
    status = (await post(spool, path, { action: 'confirm' }, { 'idempotency-key': session })).status
  expect(status).toBe(200)
  seen(ANSWERED)
}

/** Every place of these runs, which nobody disturbs, in their order. */
async function placesOf(runs: readonly Watched[]): Promise<Set<string>> {
  const names = new Set<string>()
  for (const { agent, frames } of runs) {
    const places = new PlacesOfRun()
    for (const frame of (await frames).slice(0, -1)) names.add(places.after(frame))
    for (const tool of Object.keys(TOOLS)) names.add(atWork(agent, tool))
  }
  return names.add(ANSWERED)
}

/** Begins runs, one after the other, so that soon there is one at each place. */
async function feed(enough: AbortSignal): Promise<void> {
  for (let begun = 0; !enough.aborted && begun < BATCH; begun++) {
    beginning.push(watch(begun % 2 === 0 ? 'clerk' : 'planner'))
    await sleep(Math.random() * 60)
  }
}

/** Kills in a moment in which many runs are at places where none was killed yet. The longer it waits, the fewer do. */
async function killOnce(hits: Hits): Promise<void> {
  const { promise: killed, resolve } = Promise.withResolvers<void>()
  const enough = new AbortController()
  const since = performance.now()
  const missing = new Set(hits.missing)
  seen = (place) => {
    const others = [...watched.values()].flatMap((one) => (one.place === null ? [] : [one.place, ...one.working]))
    const fresh = new Set([place, ...others].filter((one) => missing.has(one))).size
    const wanted = Math.min(MANY, missing.size / 4) - (performance.now() - since) / PATIENCE_MS
    if (fresh < Math.max(1, wanted)) return
    seen = () => undefined
    spool.kill('agent-orchestrator')
    hits.hit([place, ...others])
    enough.abort()
    resolve()
  }
  await Promise.all([killed, feed(enough.signal)])
  await spool.waitReady()
}

/** The calls of a run that has ended as it should, each told to the model as it ended. */
async function callsOf({ agent, session, frames: following }: Watched): Promise<readonly CallState[]> {
  const frames = await following
  const { state, faults } = judge(frames.map(({ data }) => data))
  expect([session, ...faults, ...wrongEffects(state, world)]).toEqual([session])
  expect([session, frames.at(-1)!.data]).toMatchObject([session, { type: 'run.completed', status: 'done' }])
  const isPlan = agent === 'planner'
  expect(state.questions.map(({ resolution }) => resolution?.action)).toEqual(isPlan ? ['confirm'] : [])
  const lastTurn = frames.findLastIndex(({ event }) => event === 'message.requested')
  const answer = textOf(frames.slice(lastTurn))
  for (const call of state.calls) {
    expect([session, answer]).toEqual([session, expect.stringContaining(whatIsTold(call))])
  }
  // The first task of a plan that fails is its last; of single calls the others are done all the same.
  const failedAt = isPlan ? state.calls.findIndex(({ status }) => status === 'failed') : -1
  const expected = Object.keys(TOOLS).slice(0, failedAt < 0 ? undefined : failedAt + 1)
  expect([session, state.calls.map(({ name }) => name)]).toEqual([session, expected])
  return state.calls
}

/** What the demo model says of a call, if it was told what happened. */
function whatIsTold({ name, status, outcome, error, repeatable, attempt, output }: CallState): string {
  if (status === 'completed') {
    expect(output).toEqual({ done: name })
    return `${name}: {"done":"${name}"}`
  }
  if (repeatable) {
    // Three workers in a row died of it.
    expect([name, attempt, error?.code]).toEqual([name, 3, 'tool_gave_up'])
    return `${name} failed: ${error?.message}`
  }
  expect([name, attempt, outcome, error?.code]).toEqual([name, 1, 'unknown', 'tool_unknown_outcome'])
  return `Whether ${name} took effect is not known: ${error?.message}`
}

const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`
