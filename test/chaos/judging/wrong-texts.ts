import { codePoints, type MessageState } from '@spool/events'
import { type DemoModel, parseDemoModel } from '../../../services/llm-proxy/src/providers/demo/demo-model.ts'
import { scriptOf } from '../../../services/llm-proxy/src/providers/demo/demo-script.ts'
import { lastUserText } from '../../../services/llm-proxy/src/providers/demo/last-user-text.ts'
import { ProviderError } from '../../../services/llm-proxy/src/providers/provider-error.ts'
import type { EventOnTheWire } from '../../e2e/support/judge.ts'
import { PROVIDER_MODEL, providerSays } from '../provider-script.ts'
import { apart, short } from './difference-of.ts'
import type { Asked, LoggedSession } from './logged-session.ts'

interface Script {
  readonly text: string
  readonly calls: readonly { readonly name: string; readonly input: unknown }[]
}

/** By run: what its answer says in the end, where whoever asked knows that. */
export type KnownScripts = ReadonlyMap<string, string>

/** Messages of models that say something else than their script: all of it, or where they are partial, its beginning. */
export function wrongTexts(logged: LoggedSession, known: KnownScripts): string[] {
  return logged.state.messages.flatMap((message) => {
    if (message.role !== 'assistant' || message.purpose === null) return []
    const script = scriptFor(message, logged, known)
    const about = `message ${message.id} (${message.model ?? 'no model'}, ${message.status})`
    if (script === undefined && message.status === 'partial' && message.text === '')
      return wrongPartial(message, logged)
    if (script === undefined) return [`${about}: nobody knows what it should say`]
    const faults = [...wrongAttempts(message.id, logged.wire, script.text), ...wrongPartial(message, logged)]
    // What is open is told anyway.
    if (message.status !== 'complete') return faults.map((fault) => `${about}: ${fault}`)
    if (message.text !== script.text) faults.push(`says ${apart(message.text, script.text)}`)
    const told = isLastAnswer(message) ? known.get(message.run ?? '') : undefined
    if (told !== undefined && message.text !== told) faults.push(`answers ${apart(message.text, told)}`)
    const calls = message.toolCalls.map(({ name, input }) => ({ name, input }))
    if (JSON.stringify(calls) !== JSON.stringify(script.calls)) {
      faults.push(`calls ${short(JSON.stringify(calls))}, its script ${short(JSON.stringify(script.calls))}`)
    }
    return faults.map((fault) => `${about}: ${fault}`)
  })
}

/** It follows from what the model was sent; of a program that wrote the message itself only it knows. */
function scriptFor(message: MessageState, logged: LoggedSession, known: KnownScripts): Script | undefined {
  const { run, provider, model, id } = message
  if (provider === 'external') {
    const told = known.get(run ?? '')
    return told === undefined ? undefined : { text: told, calls: [] }
  }
  const asked = logged.asked.get(id)
  if (asked === undefined) return undefined
  if (model === PROVIDER_MODEL) return { text: providerSays(lastUserText(asked.prompt)), calls: [] }
  const demo = parseDemoModel(model ?? '')
  if (demo === undefined) return undefined
  return demoSays(demo, asked)
}

/** Nothing where the model refuses what it was sent, as one that is told its calls as JSON does a summary. */
function demoSays(demo: DemoModel, { prompt, tools }: Asked): Script | undefined {
  try {
    const { length, token, calls } = scriptOf(demo, prompt, tools as Parameters<typeof scriptOf>[2])
    const text = Array.from({ length }, (_, index) => token(index)).join('')
    return { text, calls: calls.map(({ name, input }) => ({ name, input })) }
  } catch (error) {
    if (error instanceof ProviderError) return undefined
    throw error
  }
}

function isLastAnswer({ purpose, toolCalls }: MessageState): boolean {
  return purpose === 'answer' && toolCalls.length === 0
}

/** What clients were shown at any time, also what was taken back, is what the model says from its beginning on. */
function wrongAttempts(id: string, wire: readonly EventOnTheWire[], script: string): string[] {
  const faults: string[] = []
  let text = ''
  const check = () => {
    if (!script.startsWith(text)) faults.push(`was shown as ${apart(text, script)}`)
  }
  for (const event of wire) {
    if (event['message'] !== id) continue
    if (event.type === 'text.delta') text += String(event['text'])
    if (event.type !== 'generation.started') continue
    check()
    const kept = event['kept'] as number
    if (kept === 0) text = ''
    else if (kept !== codePoints(text)) faults.push(`attempt ${event['attempt']} keeps ${kept} of ${codePoints(text)}`)
  }
  check()
  return faults
}

/** What is only a part has a reason that is in the log. */
function wrongPartial(
  { id, status, reason, run, purpose, failures, attempt }: MessageState,
  { state }: LoggedSession,
): string[] {
  if (status !== 'partial') return []
  const { cancelRequested = null, memoryState } = state.runs.find((one) => one.id === run) ?? {}
  const told = `message ${id} is partial (${reason})`
  switch (reason) {
    case 'cancelled':
    case 'client_disconnected':
      // A memory that nobody waits for any more is stopped, too.
      if (purpose === 'memory' && memoryState?.status === 'failed') return []
      return cancelRequested === null ? [`${told}, and nobody has cancelled its run`] : []
    case 'provider_failed':
      return failures.length === 0 ? [`${told}, and no attempt failed`] : []
    case 'server_crashed':
      return attempt < 2 && failures.length === 0 ? [`${told} at its first attempt`] : []
    default:
      return [`${told}, which is no reason`]
  }
}

/** What somebody puts together who is told the events, by message. As the protocol says, and no fold of ours. */
export function textsOf(events: readonly Readonly<Record<string, unknown>>[]): Map<string, string> {
  const texts = new Map<string, string>()
  for (const event of events) {
    const id = event['message'] as string
    if (event['type'] === 'message.started') texts.set(id, '')
    if (event['type'] === 'generation.started' && event['kept'] === 0) texts.set(id, '')
    if (event['type'] === 'text.delta') texts.set(id, (texts.get(id) ?? '') + String(event['text']))
  }
  return texts
}
