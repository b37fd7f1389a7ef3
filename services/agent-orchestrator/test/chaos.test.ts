import { setTimeout as sleep } from 'node:timers/promises'
import { newId } from '@spool/events'
import type { Reply, RunRequest, SessionRef } from '@spool/log'
import { expect, onTestFinished, test } from 'vitest'
import { Deployment, eventually, isEnd, newSession, runRequest } from './support/deployment.ts'
import type { ServiceProcess } from './support/service-process.ts'

/** How long a frozen process stands still: longer than its jobs are left to it. */
const FROZEN_MS = 5000
const BUSY_MS = 10_000

interface Asked {
  ref: SessionRef
  request: RunRequest
  cancelled?: Promise<Reply | null>
}

test('whatever is killed or frozen at whatever moment, every run ends once and in turn', async () => {
  const spool = await Deployment.start(3)
  onTestFinished(() => spool.stop())
  await Promise.all([
    spool.run('agent-orchestrator'),
    spool.run('agent-orchestrator'),
    spool.run('llm-proxy'),
    spool.run('llm-proxy'),
  ])
  const harm = new AbortController()
  const harming = Promise.all([killing(spool, harm.signal), freezing(spool, harm.signal)])
  const asked: Asked[] = []
  const users = Array.from({ length: 12 }, () => user(spool, asked, harm.signal))
  await sleep(BUSY_MS)
  harm.abort()
  await Promise.all([harming, ...users])

  // An answer may be lost with the orchestrator that had it in hand; one that came must be true.
  for (const { ref, request, cancelled } of asked) {
    const isOver = async () =>
      (await spool.chain(ref)).some((stored) => isEnd(stored.type) && stored.event()?.run === request.run)
    await eventually(isOver, `${request.run} ends`, 60_000)
    const reply = await cancelled
    if (reply == null) continue
    const end = (await spool.chain(ref)).find((stored) => isEnd(stored.type) && stored.event()?.run === request.run)
    expect(reply.ok ? 'run.cancelled' : reply.status).toBe(end?.type === 'run.cancelled' ? 'run.cancelled' : 409)
  }
  const sessions = new Map(asked.map(({ ref }) => [ref.session, ref]))
  for (const ref of sessions.values()) {
    expect(await spool.faults(ref)).toEqual([])
    const chain = await spool.chain(ref)
    // In the order in which they were asked for: each was sent when the one before was safe.
    const runs = asked.filter((one) => one.ref === ref).map(({ request }) => request.run)
    const opened = new Set(
      chain.filter(({ type }) => type === 'run.queued' || type === 'run.started').map((s) => s.event()!.run!),
    )
    expect([...opened]).toEqual(runs)
  }
  expect(asked.length).toBeGreaterThan(100)
  await eventually(async () => (await waiting(spool)) === 0, 'no request and no job is left')
}, 180_000)

/** Sends messages to a session of its own, some after the answer, some at once, and cancels some. */
async function user(spool: Deployment, asked: Asked[], signal: AbortSignal): Promise<void> {
  let ref = newSession()
  while (!signal.aborted) {
    if (Math.random() < 0.2) ref = newSession()
    const when_busy = Math.random() < 0.3 ? 'interrupt' : 'enqueue'
    const request = runRequest({ when_busy, run: newId(), model: 'demo/steady?tokens=20&tps=60' })
    const { reply } = await spool.queued(spool.log.subjects.intake(ref, request.request), request)
    const one: Asked = { ref, request }
    asked.push(one)
    await Promise.race([reply, sleep(Math.random() * 600)])
    if (Math.random() < 0.3) one.cancelled = spool.cancel(ref, request.run, 8000)
    await sleep(Math.random() * 300)
  }
}

async function killing(spool: Deployment, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await sleep(200 + Math.random() * 800)
    const service = Math.random() < 0.7 ? 'agent-orchestrator' : 'llm-proxy'
    const victim = anyOf(spool, service)
    if (victim === undefined) continue
    victim.signal('SIGKILL')
    spool.processes.delete(victim)
    await spool.run(service)
  }
}

async function freezing(spool: Deployment, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await sleep(Math.random() * 500)
    const victim = anyOf(spool, 'agent-orchestrator')
    if (victim === undefined) continue
    // Kept from being killed, which would be nothing new.
    spool.processes.delete(victim)
    victim.signal('SIGSTOP')
    await sleep(FROZEN_MS)
    victim.signal('SIGCONT')
    spool.processes.add(victim)
  }
}

function anyOf(spool: Deployment, service: string): ServiceProcess | undefined {
  const running = [...spool.processes].filter((process) => process.service === service && process.isReady)
  return running[Math.floor(Math.random() * running.length)]
}

async function waiting(spool: Deployment): Promise<number> {
  const streams = ['INTAKE', 'CONTROL', 'WORK']
  const infos = await Promise.all(streams.map((name) => spool.bus.jsm.streams.info(name)))
  return infos.reduce((sum, { state }) => sum + state.messages, 0)
}
