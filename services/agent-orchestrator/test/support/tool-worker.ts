import { builtInAgents } from '@spool/config'
import {
  ArchiveOverNats,
  Blobs,
  Bus,
  Log,
  Queries,
  QueueConsumer,
  SessionLoader,
  Worker,
  settlementOf,
} from '@spool/log'
import type { SeenThrough, SessionRef, Settlement } from '@spool/log'
import { forbids } from '../../src/deciding/forbids.ts'
import { Toolbox } from '../../src/tools/toolbox.ts'
import type { Tool } from '../../src/tools/tool.ts'
import { CallWorker } from '../../src/working/call-worker.ts'
import { LettingGo } from '../../src/working/letting-go.ts'

export interface ToolWorkerOptions {
  readonly url: string
  readonly name: string
  readonly tools: readonly Tool[]
  /** What a process should do with its publishes instead of publishing. */
  readonly tamper?: (bus: Bus) => void
  readonly ackTimeoutMs?: number
  readonly clear?: (ref: SessionRef) => Promise<void>
  readonly onSettled?: (session: string, settlement: Settlement) => void
  /** Takes nothing from the queue. */
  readonly isIdle?: boolean
}

export interface RunningToolWorker {
  readonly id: string
  /** The codes, or classes, of failures that nobody has foreseen. */
  readonly unforeseen: string[]
  /** As if the queue had handed it the call. */
  take(ref: SessionRef, call: string): Promise<SeenThrough>
  stop(drainMs?: number): Promise<void>
}

/** An orchestrator that does nothing but run tools, without Nest: so it can be a process of its own from its sources. */
export async function startToolWorker(options: ToolWorkerOptions): Promise<RunningToolWorker> {
  const { url, name, tools, tamper, ackTimeoutMs = 500, onSettled } = options
  const bus = await Bus.connect({ servers: url, name, ackTimeoutMs })
  tamper?.(bus)
  const log = await Log.open(bus, new ArchiveOverNats(new Queries(bus)))
  const worker = new Worker(bus, name)
  const unforeseen: string[] = []
  const lettingGo = new LettingGo()
  const toolbox = new Toolbox([{ tools: () => tools }])
  // Whoever asked for the calls has all of the tools.
  const agent = () => ({ ...builtInAgents(600)[0]!, tools: tools.map((tool) => tool.name) })
  const agents = { byDefaultFor: agent, find: agent }
  const calls = new CallWorker({
    log,
    loader: new SessionLoader(log),
    worker,
    toolbox,
    forbids: (state, call, { tenant }) => forbids(state, call, { agents, toolbox, tenant }),
    blobs: new Blobs(bus),
    ...(options.clear && { clear: options.clear }),
    ...lettingGo.signals,
    onUnforeseen: (error) => unforeseen.push(error instanceof Error ? error.message : String(error)),
  })
  const onError = (error: unknown) => void unforeseen.push(`job: ${String(error)}`)
  const consumer = new QueueConsumer(bus, worker, { queue: 'tool', slots: 32, onError }, async (delivery) => {
    const settlement = settlementOf(await calls.work(delivery.ref, delivery.tail[0]!, delivery.subject))
    onSettled?.(delivery.ref.session, settlement)
    return settlement
  })
  if (options.isIdle !== true) await consumer.start()
  return {
    id: worker.id,
    unforeseen,
    take: (ref, call) => calls.work(ref, call, log.subjects.work(ref, 'tool', call)),
    async stop(drainMs = 0) {
      await lettingGo.during(drainMs, () => consumer.stop())
      worker.close()
      await bus.close()
    },
  }
}
