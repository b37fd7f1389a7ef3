import { ModelCatalogue } from '@spool/config'
import { writeMessage } from '../../src/generating/write-message.ts'
import { Routes } from '../../src/routing/routes.ts'
import { PenInMemory } from '../support/pen-in-memory.ts'
import type { RouteInProcess } from './route-in-process.ts'

/** Sees an answer through to its end over these routes, and says what became of it. */
export async function writeInProcess(...routes: readonly RouteInProcess[]): Promise<Outcome> {
  const pen = new PenInMemory()
  const unforeseen: unknown[] = []
  await writeMessage(pen, {
    run: pen.run,
    worker: 'worker',
    routes: opened(routes),
    handOver: new AbortController().signal,
    pauseMs: () => 0,
    onUnforeseen: (error) => unforeseen.push(error),
  })
  if (unforeseen.length > 0) throw unforeseen[0]
  return outcomeOf(pen)
}

export interface Outcome {
  readonly status: string
  readonly reason: string | null
  readonly text: string
  /** All that a client has put together from the events. */
  readonly shown: string
  readonly reasoning: string
  readonly calls: readonly { readonly name: string; readonly input: unknown }[]
  /** The calls whose arguments a client has seen coming. */
  readonly streamed: readonly string[]
  /** The code points that the last attempt went on from. */
  readonly kept: number
}

/** New for each answer: routes that break off all the time would be left out. */
function opened(routes: readonly RouteInProcess[]): Routes {
  const providers = new Map(routes.map(({ settings, provider }) => [settings, provider]))
  return new Routes({
    catalogue: new ModelCatalogue({ origin: 'file', aliases: new Map([['default', [...providers.keys()]]]) }),
    open: (settings) => providers.get(settings)!,
  })
}

function outcomeOf({ message, events }: PenInMemory): Outcome {
  let shown = ''
  let kept = 0
  for (const event of events) {
    if (event.type === 'text.delta') shown += event.text
    if (event.type !== 'generation.started') continue
    kept = event.kept
    if (kept === 0) shown = ''
  }
  const { status, reason, text, parts } = message
  return {
    status,
    reason,
    text,
    shown,
    reasoning: parts.map((part) => (part.type === 'reasoning' ? part.text : '')).join(''),
    calls: message.toolCalls.map(({ name, input }) => ({ name, input })),
    streamed: parts.flatMap((part) => (part.type === 'tool_call' ? [part.name] : [])),
    kept,
  }
}
