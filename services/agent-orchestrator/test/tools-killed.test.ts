import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Deployment, eventually } from './support/deployment.ts'
import { Effects } from './support/effects.ts'
import { startToolProcess } from './support/tool-process.ts'
import { ToolSession } from './support/tool-session.ts'

let effects: Effects
beforeAll(async () => {
  effects = await Effects.start()
})
afterAll(() => effects?.stop())

const COMPLETED = ['tool.called', 'tool.started', 'tool.completed']
const REPEATED = ['tool.called', 'tool.started', 'tool.started', 'tool.completed']
const UNKNOWN = ['tool.called', 'tool.started', 'tool.failed']

/** Where the worker is killed, and what comes of a call that may run twice, and of one that may not. */
const KILLED = {
  'before-started': { again: [COMPLETED, 1], once: [COMPLETED, 1] },
  'after-started': { again: [REPEATED, 1], once: [UNKNOWN, 0] },
  progress: { again: [REPEATED, 1], once: [UNKNOWN, 0] },
  'before-completed': { again: [REPEATED, 2], once: [UNKNOWN, 1] },
  'after-completed': { again: [COMPLETED, 1], once: [COMPLETED, 1] },
} as const

interface Case {
  place: keyof typeof KILLED
  tool: 'again' | 'once'
  session: ToolSession
  call: string
}

describe.concurrent('a worker', () => {
  test('that is killed, wherever, leaves calls that end: what may run twice is done, what may not is never done twice', async ({
    onTestFinished,
  }) => {
    const spool = await Deployment.start()
    onTestFinished(() => spool.stop())
    const doomed = await startToolProcess(spool, 'doomed', true)
    const cases: Case[] = []
    for (const place of Object.keys(KILLED) as (keyof typeof KILLED)[]) {
      for (const tool of ['again', 'once'] as const) {
        const session = await ToolSession.begin(spool, `${place}-${tool}`)
        const call = await session.call(tool, { url: effects.url, hangs: place === 'progress' }, tool === 'again')
        cases.push({ place, tool, session, call })
      }
    }
    for (const { place, session, call } of cases)
      await eventually(() => isAt(place, session, call), `it is at ${place}`)
    const successor = await startToolProcess(spool, 'successor')
    await doomed.end('SIGKILL')
    await Promise.all(
      cases.map(async ({ place, tool, session, call }) => {
        await session.untilRunGoesOn()
        const [events, count] = KILLED[place][tool]
        expect([place, tool, await session.eventsOf(call), effects.of(call)]).toEqual([place, tool, events, count])
        expect(await session.faults()).toEqual([])
        const { status, outcome } = await session.stateOf(call)
        expect(outcome).toBe(status === 'failed' ? 'unknown' : null)
      }),
    )
    expect(successor.output).not.toContain('job:')

    async function isAt(place: Case['place'], session: ToolSession, call: string): Promise<boolean> {
      if (place === 'progress') return (await session.stateOf(call)).progress === 0.5
      return doomed.output.includes(`at ${session.ref.session}\n`)
    }
  })

  test('that was frozen and taken over appends nothing when it wakes', async ({ onTestFinished }) => {
    const spool = await Deployment.start()
    onTestFinished(() => spool.stop())
    const frozen = await startToolProcess(spool, 'frozen')
    const cases: { session: ToolSession; call: string }[] = []
    for (const tool of ['again', 'once']) {
      const session = await ToolSession.begin(spool, tool)
      cases.push({ session, call: await session.call(tool, { url: effects.url, hangs: true }, tool === 'again') })
    }
    for (const { session, call } of cases) {
      await eventually(async () => (await session.stateOf(call)).progress === 0.5, 'it is at work')
    }
    frozen.signal('SIGSTOP')
    await startToolProcess(spool, 'successor')
    for (const { session } of cases) await session.untilRunGoesOn()
    const chains = await Promise.all(cases.map(({ session }) => spool.chain(session.ref)))
    frozen.signal('SIGCONT')
    for (const { session } of cases) {
      await eventually(() => frozen.output.includes(`settled ${session.ref.session} `), 'it has seen that it is late')
    }
    for (const [index, { session, call }] of cases.entries()) {
      const ids = (await spool.chain(session.ref)).map(({ id }) => id)
      expect(ids).toEqual(chains[index]!.map(({ id }) => id))
      expect(await session.eventsOf(call)).toEqual(index === 0 ? REPEATED : UNKNOWN)
      expect(await session.faults()).toEqual([])
    }
    expect(cases.map(({ call }) => effects.of(call))).toEqual([1, 0])
  })

  test('that is an orchestrator told to end hands over its slow tool at once, and the next one sees the run through', async ({
    onTestFinished,
  }) => {
    const spool = await Deployment.start()
    onTestFinished(() => spool.stop())
    const leaving = await spool.run('agent-orchestrator')
    const session = await ToolSession.begin(spool, 'slow', 'demo-tools')
    const call = await session.call('demo_wait', { seconds: 1.5, steps: 10 })
    await eventually(async () => ((await session.stateOf(call)).progress ?? 0) > 0, 'it is at work')
    leaving.signal('SIGTERM')
    await leaving.ended()
    expect(leaving.exitCode).toBe(0)
    expect(await session.stateOf(call)).toMatchObject({ status: 'started', attempt: 1 })
    await spool.run('agent-orchestrator')
    await spool.ended(session.ref, 1)
    expect(await session.stateOf(call)).toMatchObject({ attempt: 2, output: { waited_seconds: 1.5 } })
    expect(await session.faults()).toEqual([])
  })
})
