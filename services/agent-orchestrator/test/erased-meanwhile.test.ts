import { loadSpoolConfig } from '@spool/config'
import { Blobs, type SessionRef, SessionLoader, eraseContent } from '@spool/log'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Stepper } from '../src/stepping/stepper.ts'
import { Toolbox } from '../src/tools/toolbox.ts'
import { Deployment, eventually, runRequest } from './support/deployment.ts'
import { toolOf } from './support/test-tools.ts'
import { ToolSession } from './support/tool-session.ts'
import { startToolWorker } from './support/tool-worker.ts'

let spool: Deployment
beforeAll(async () => {
  spool = await Deployment.start()
})
afterAll(() => spool?.stop())

/** What lies in the store for blobs of a session. */
async function blobsOf({ tenant, session }: SessionRef): Promise<string[]> {
  const { state } = await spool.bus.jsm.streams.info('OBJ_BLOBS', {
    subjects_filter: `$O.BLOBS.*.${tenant}.${session}.>`,
  })
  return Object.keys(state.subjects ?? {})
}

/** As persistence does it. */
async function erase(session: ToolSession): Promise<void> {
  await session.say('session.erased', { by: 'user' })
  await eraseContent(spool.log, session.ref, await spool.log.lastPosition(session.ref))
}

test('what a tool gives back after its session was erased is kept nowhere', async () => {
  const { promise: isErased, resolve: erased } = Promise.withResolvers<void>()
  const run = () => isErased.then(() => 'x'.repeat(300_000))
  const tools = [toolOf({ name: 'late', repeatable: false, run })]
  const worker = await startToolWorker({ url: spool.nats.url, name: 'worker', tools })
  const session = await ToolSession.begin(spool)
  const call = await session.call('late', {}, false)
  await eventually(async () => (await session.stateOf(call)).status === 'started', 'the tool is at work')
  await erase(session)
  erased()
  await eventually(async () => (await session.jobs()).length === 0, 'the job is through')
  expect(await blobsOf(session.ref)).toEqual([])
  await worker.stop()
})

test('nor is what a model was to be sent, where the session is erased in the middle of the step', async () => {
  const session = await ToolSession.begin(spool)
  await session.say('run.completed', {
    run: session.run,
    status: 'done',
    usage: { input_tokens: 0, output_tokens: 0 },
    steps: 1,
    duration_ms: 1,
  })
  const { agents, models } = loadSpoolConfig({ SPOOL_CONFIG: 'none' })
  const toolbox = new Toolbox([
    { tools: () => [toolOf({ name: 'clock', description: 'x'.repeat(70_000), run: async () => 'now' })] },
  ])
  const blobs = new Blobs(spool.bus)
  const erasing: Pick<Blobs, 'get' | 'put' | 'eraseOf'> = {
    get: (...blob) => blobs.get(...blob),
    async put(...blob) {
      await erase(session)
      return blobs.put(...blob)
    },
    eraseOf: (ref) => blobs.eraseOf(ref),
  }
  const surroundings = { agents, models, toolbox, recall: async () => [] }
  const stepper = new Stepper(spool.log, new SessionLoader(spool.log), surroundings, erasing)
  const request = runRequest({ agent: 'demo-tools' })
  const { state } = await stepper.take(session.ref, { kind: 'start', request })
  expect(state.erased).toBe(true)
  expect(await blobsOf(session.ref)).toEqual([])
})
