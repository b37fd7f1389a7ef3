import type { Command } from '../command.ts'
import { failed, usageProblem } from '../problem.ts'
import { counted } from '../rendering/amounts.ts'

/** One holds the lock, one reads, one writes, one looks. */
const CONNECTIONS = 4

export const rebuild: Command = {
  words: '',
  options: {
    projection: {
      type: 'string',
      multiple: true,
      value: 'NAME',
      summary: 'only this one: snapshots, search or memories; may be given more than once',
    },
  },
  details: [
    'Folds all stored events into new tables and puts them in the place of the old ones, while everything goes on.',
    'Events are never touched. It may be ended at any time: then all is as it was.',
    'Needs room in Postgres for the new tables beside the old ones.',
  ].join('\n'),
  async run({ given, output, connections, signal }) {
    if (given.words.length > 0) throw usageProblem('spool rebuild takes no words\nsee: spool rebuild --help')
    const store = await import('@spool/store')
    const asked = given.texts('projection')
    const unknown = asked.find((name) => !store.ALL_PROJECTIONS.some((projection) => projection === name))
    if (unknown !== undefined) {
      throw usageProblem(`There is no projection "${unknown}", but: ${store.ALL_PROJECTIONS.join(', ')}`)
    }
    const projections = store.ALL_PROJECTIONS.filter((name) => asked.length === 0 || asked.includes(name))
    const progress = output.progress('folded')
    const rebuilt = await store
      .rebuild(await connections.database(CONNECTIONS), {
        projections,
        signal,
        onProgress: (events, total) => {
          progress.total = total
          progress.add(events)
        },
      })
      .catch((error: unknown) => {
        throw error instanceof store.RebuildRefused ? failed(error.message, error) : error
      })
      .finally(() => progress.end())
    const { events, sessions, seconds, eventsPerSecond, blockedMs, pausedMs } = rebuilt
    output.data({
      projections,
      events,
      sessions,
      seconds: Math.round(seconds * 1000) / 1000,
      events_per_second: eventsPerSecond,
      blocked_ms: blockedMs,
      paused_ms: pausedMs,
    })
    output.line(
      `Rebuilt ${projections.join(', ')} of ${counted(sessions, 'session')} from ${counted(events, 'event')}.`,
    )
    output.line(`It took ${seconds.toFixed(1)} s, ${counted(eventsPerSecond, 'event')} a second.`)
    output.line(`Queries waited at most ${count(blockedMs)} ms, storing ${count(pausedMs)} ms.`)
  },
}

function count(number: number): string {
  return number.toLocaleString('en')
}
