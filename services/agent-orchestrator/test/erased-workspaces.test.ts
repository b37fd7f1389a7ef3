import { access, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ArchiveOverNats, Bus, eraseContent, Log, Queries, type SessionRef } from '@spool/log'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { WorkspaceEraser } from '../src/erasing/workspace-eraser.ts'
import { Workspaces } from '../src/tools/built-in/workspace/workspaces.ts'
import { Deployment, eventually, newSession } from './support/deployment.ts'
import { recordedLog } from './support/recorded-log.ts'
import { toolOf } from './support/test-tools.ts'
import { ToolSession } from './support/tool-session.ts'
import { startToolWorker } from './support/tool-worker.ts'

let spool: Deployment
beforeAll(async () => {
  spool = await Deployment.start()
})
afterAll(() => spool?.stop())

/** What one machine keeps of sessions. */
class Disk {
  readonly workspaces: Workspaces

  private constructor(readonly folder: string) {
    this.workspaces = new Workspaces(folder)
  }

  static async make(): Promise<Disk> {
    const folder = await mkdtemp(join(tmpdir(), 'spool-erased-'))
    onTestFinished(() => rm(folder, { recursive: true, force: true }))
    return new Disk(folder)
  }

  async put(...refs: SessionRef[]): Promise<void> {
    for (const ref of refs) {
      await mkdir(join(this.of(ref), 'notes'), { recursive: true })
      await writeFile(join(this.of(ref), 'notes/plan.md'), 'a plan')
    }
  }

  of({ tenant, session }: SessionRef): string {
    return join(this.folder, tenant, session)
  }

  async has(ref: SessionRef): Promise<boolean> {
    return access(this.of(ref)).then(
      () => true,
      () => false,
    )
  }

  isRidOf(ref: SessionRef): Promise<void> {
    return eventually(async () => !(await this.has(ref)), 'the folder is gone')
  }

  /** As an orchestrator does it. */
  serve(log = spool.log): WorkspaceEraser {
    const eraser = new WorkspaceEraser(log, this.workspaces, recordedLog().logger)
    onTestFinished(() => eraser.stop())
    return eraser
  }
}

/** As persistence does it. */
async function erase(session: ToolSession): Promise<void> {
  await session.say('session.erased', { by: 'user' })
  await eraseContent(spool.log, session.ref, await spool.log.lastPosition(session.ref))
}

test('an orchestrator removes the folder of a session that is erased, and no other', async () => {
  const disk = await Disk.make()
  const config = join(disk.folder, 'spool.config.yaml')
  await writeFile(config, 'tools: { workspace: { folder: . } }')
  const orchestrator = await spool.run('agent-orchestrator', { SPOOL_CONFIG: config })
  onTestFinished(() => orchestrator.end())
  const [session, other] = [await ToolSession.begin(spool), await ToolSession.begin(spool)]
  await disk.put(session.ref, other.ref)
  await erase(session)
  await disk.isRidOf(session.ref)
  expect(await readFile(join(disk.of(other.ref), 'notes/plan.md'), 'utf8')).toBe('a plan')
})

test('every orchestrator does, on its own disk', async () => {
  const disks = [await Disk.make(), await Disk.make()]
  for (const disk of disks) disk.serve()
  const session = await ToolSession.begin(spool)
  for (const disk of disks) await disk.put(session.ref)
  await erase(session)
  for (const disk of disks) await disk.isRidOf(session.ref)
})

test('one that was away looks for them at its start', async () => {
  const disk = await Disk.make()
  const [erased, long, living] = [await ToolSession.begin(spool), newSession(), await ToolSession.begin(spool)]
  const unknown = newSession()
  await disk.put(living.ref, unknown, erased.ref, long)
  await erase(erased)
  spool.archive.tombstones.add(`${long.tenant}/${long.session}`)
  await writeFile(join(disk.folder, 'file'), 'of somebody else')
  disk.serve()
  await disk.isRidOf(erased.ref)
  await disk.isRidOf(long)
  for (const ref of [living.ref, unknown]) expect(await disk.has(ref)).toBe(true)
})

test('and waits with it until somebody can tell', async () => {
  const disk = await Disk.make()
  const long = newSession()
  await disk.put(long)
  spool.archive.tombstones.add(`${long.tenant}/${long.session}`)
  spool.archive.away = true
  const before = spool.archive.unanswered
  disk.serve()
  await eventually(() => spool.archive.unanswered > before, 'the archive was asked')
  expect(await disk.has(long)).toBe(true)
  spool.archive.away = false
  await disk.isRidOf(long)
})

test('one that was cut off from the bus looks for them when it is back', async () => {
  const disk = await Disk.make()
  const bus = await Bus.connect({ servers: spool.nats.url, name: 'cut off' })
  onTestFinished(() => bus.close())
  disk.serve(await Log.open(bus, new ArchiveOverNats(new Queries(bus))))
  const [before, meanwhile] = [newSession(), newSession()]
  for (const ref of [before, meanwhile]) spool.archive.tombstones.add(`${ref.tenant}/${ref.session}`)
  await disk.put(before)
  await bus.nc.reconnect()
  await disk.isRidOf(before)
  await disk.put(meanwhile)
  await bus.nc.reconnect()
  await disk.isRidOf(meanwhile)
})

test('who only says that a session was erased is not believed', async () => {
  const disk = await Disk.make()
  disk.serve()
  const [living, erased] = [await ToolSession.begin(spool), await ToolSession.begin(spool)]
  await disk.put(living.ref, erased.ref)
  spool.bus.nc.publish(spool.log.subjects.erased(living.ref))
  spool.bus.nc.publish('erased.0.x..y')
  await erase(erased)
  await disk.isRidOf(erased.ref)
  expect(await disk.has(living.ref)).toBe(true)
})

test('what a tool writes after the session was erased is removed when its call is through', async () => {
  const disk = await Disk.make()
  const eraser = disk.serve()
  const { promise: isErased, resolve: erased } = Promise.withResolvers<void>()
  const run = () => isErased.then(() => session && disk.put(session.ref))
  const tools = [toolOf({ name: 'late', repeatable: false, run })]
  const clear = (ref: SessionRef) => eraser.remove(ref)
  const worker = await startToolWorker({ url: spool.nats.url, name: 'worker', tools, clear })
  onTestFinished(() => worker.stop())
  const session = await ToolSession.begin(spool)
  await disk.put(session.ref)
  const call = await session.call('late', {}, false)
  await eventually(async () => (await session.stateOf(call)).status === 'started', 'the tool is at work')
  await erase(session)
  await disk.isRidOf(session.ref)
  erased()
  await eventually(async () => (await session.jobs()).length === 0, 'the job is through')
  expect(await disk.has(session.ref)).toBe(false)
})
