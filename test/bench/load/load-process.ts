/** Many clients, each with a stream of its own, in one process: so that they cost little. Driven by `stream-load.ts`. */
import { now } from './connection.ts'
import { DurableStreamsReading } from './durable-streams-reading.ts'
import type { Counted, LoadCommand, LoadReport, Play } from './load-commands.ts'
import { PlayedStream } from './played-stream.ts'
import { ResumableStreamReading } from './resumable-stream-reading.ts'
import { SpoolReading } from './spool-reading.ts'
import type { Reading, StreamOptions } from './wire.ts'

const READINGS: Record<Play['wire'], new (stream: StreamOptions) => Reading> = {
  spool: SpoolReading,
  'resumable-stream': ResumableStreamReading,
  'durable-streams': DurableStreamsReading,
}
/** After the beginning of its stream, the earliest and how much later the latest. */
const CUT_AFTER_MS = 500
const CUT_OVER_MS = 1500

let streams: PlayedStream[] = []

function begin(play: Play): void {
  for (const stream of streams) stream.drop()
  const startedAt = now()
  streams = Array.from({ length: play.streams }, (_, index) => {
    const name = `${play.name}-${index}`
    const stream = new PlayedStream(play, new READINGS[play.wire]({ ...play, name }))
    const inMs = Math.max(0, (index / play.streams) * play.overMs - (now() - startedAt))
    setTimeout(() => {
      stream.begin()
      if (play.resumed) setTimeout(() => stream.cut(), CUT_AFTER_MS + Math.random() * CUT_OVER_MS)
    }, inMs)
    return stream
  })
}

function report(): LoadReport {
  const faults = streams.map(({ fault }) => fault).filter((fault) => fault !== undefined)
  return {
    streams: streams.length,
    done: streams.filter(({ done }) => done).length,
    tokens: streams.reduce((sum, { check }) => sum + check.count, 0),
    lostConnections: streams.reduce((sum, { lostConnections }) => sum + lostConnections, 0),
    faults: faults.length,
    firstFault: faults[0],
  }
}

function counted(): Counted {
  const sorted = Float64Array.from(streams.flatMap(({ lateness }) => lateness)).toSorted()
  const share = (part: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0
  const events = streams.reduce((sum, stream) => sum + stream.events, 0)
  return { tokens: sorted.length, events, min: share(0), p50: share(0.5), p99: share(0.99), max: share(1) }
}

process.on('message', (command: LoadCommand) => {
  if (command.do === 'play') begin(command.play)
  else if (command.do === 'drop') for (const stream of streams) stream.drop()
  else process.send!(command.do === 'count' ? counted() : report())
})
