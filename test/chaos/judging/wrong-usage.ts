import type { ReportedUsage, Usage } from '@spool/events'
import type { EventOnTheWire } from '../../e2e/support/judge.ts'
import { isEnd } from '../../e2e/support/system.ts'
import { PROVIDER_MODEL } from '../provider-script.ts'
import type { LoggedSession } from './logged-session.ts'

/** By whoever says so: what a run has used, by its id. */
export type SaidUsage = Readonly<Record<string, ReadonlyMap<string, Usage>>>

/** What was used is told once per attempt, and the sum of that is what everybody says. */
export function wrongUsage(
  { wire, state }: LoggedSession,
  said: SaidUsage,
  reported?: ReadonlyMap<string, ReportedUsage>,
): string[] {
  const faults: string[] = []
  const counted = new Set<string>()
  const purposes = new Map<string, string>()
  const attempts = new Map<string, number>()
  const models = new Map<string, string>()
  const billedTo = new Map<string, string>()
  const runs = new Map<string, Usage>()
  const ended = new Set<string>()
  let all = NOTHING
  for (const event of wire) {
    const { type, run = '', message, attempt } = event as EventOnTheWire & { message: string; attempt: number }
    if (type === 'message.requested') purposes.set(message, String(event['purpose']))
    if (type === 'generation.started') {
      attempts.set(message, attempt)
      models.set(message, String(event['model']))
    }
    const usage = event['usage'] as ReportedUsage | undefined
    if (type === 'generation.failed' || type === 'message.completed') {
      const which = `${message} attempt ${attempt ?? attempts.get(message) ?? 0}`
      if (usage === undefined) {
        if (event['status'] === 'complete') faults.push(`nobody says what ${which} used, and it is complete`)
        continue
      }
      if (counted.has(which)) faults.push(`the usage of ${which} is told twice`)
      counted.add(which)
      all = sum(all, usage)
      if (purposes.get(message) !== 'memory' && !ended.has(run)) runs.set(run, sum(runs.get(run) ?? NOTHING, usage))
      const response = (event['response'] as { id?: string } | undefined)?.id
      if (reported === undefined || models.get(message) !== PROVIDER_MODEL) continue
      const billed = reported.get(response ?? '')
      const other = billedTo.get(response ?? '')
      if (other !== undefined) faults.push(`${which} and ${other} are both billed for ${response}`)
      billedTo.set(response ?? '', which)
      if (billed === undefined || !same(sum(NOTHING, billed), sum(NOTHING, usage))) {
        faults.push(`${which} used ${show(billed)} by its provider (${response}), and ${show(usage)} by the log`)
      }
    } else if (isEnd(type)) {
      ended.add(run)
      if (usage === undefined) continue
      const due = runs.get(run) ?? NOTHING
      if (!same(sum(NOTHING, usage), due))
        faults.push(`${type} of ${run} says ${show(usage)}, its messages ${show(due)}`)
    }
  }
  if (!same(state.usage, all)) faults.push(`the session used ${show(state.usage)}, its messages ${show(all)}`)
  for (const { id } of state.runs) {
    const due = runs.get(id) ?? NOTHING
    for (const [who, usages] of Object.entries(said)) {
      const usage = usages.get(id)
      if (usage === undefined || !same(usage, due)) {
        faults.push(`${who} says that ${id} used ${show(usage)}, its messages ${show(due)}`)
      }
    }
  }
  return faults
}

const NOTHING: Usage = { input_tokens: 0, output_tokens: 0, cached_tokens: 0, reasoning_tokens: 0 }
const KINDS = ['input_tokens', 'output_tokens', 'cached_tokens', 'reasoning_tokens'] as const

function sum(one: Usage, other: ReportedUsage): Usage {
  return Object.fromEntries(KINDS.map((kind) => [kind, one[kind] + (other[kind] ?? 0)])) as unknown as Usage
}

function same(one: Usage, other: Usage): boolean {
  return KINDS.every((kind) => one[kind] === other[kind])
}

const show = (usage: ReportedUsage | undefined) => JSON.stringify(usage) ?? 'nothing'
