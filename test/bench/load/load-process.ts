/** Many clients, each with a stream of its own, in one process: so that they cost little. Driven by `stream-load.ts`. */
import { Lateness } from '../lateness.ts'
import { now } from './connection.ts'
import { DurableStreamsReading } from './durable-streams-reading.ts'
import type { LoadCommand, LoadReport, Play } from './load-commands.ts'
import { type Counts, PlayedStream } from './played-stream.ts'
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
const counts: Counts = { lateness: new Lateness(), events: 0 }

function begin(play: Play): void {
  const startedAt = now()
  streams = Array.from({ length: play.streams }, (_, index) => {
    const name = `${play.name}-${index}`
    const stream = new PlayedStream(play, index, new READINGS[play.wire]({ ...play, name }), counts)
    const inMs = Math.max(0, (index / play.streams) * play.overMs - (now() - startedAt))
    setTimeout(() => {
      stream.begin()
      if (play.resumed) setTimeout(() => stream.cut(), CUT_AFTER_MS + Math.random() * CUT_OVER_MS)
    }, inMs)
    return stream
  })
}

function report(): LoadReport {
  const { lateness, events } = counts
  const faults = streams.map(({ fault }) => fault).filter((fault) => fault !== undefined)
  return {
    streams: streams.length,
    done: streams.filter(({ done }) => done).length,
    tokens: streams.reduce((sum, { check }) => sum + check.count, 0),
    lostConnections: streams.reduce((sum, { lostConnections }) => sum + lostConnections, 0),
    faults: faults.length,
    firstFault: faults[0],
    counted: { tokens: lateness.count, events, p50: lateness.share(0.5), p99: lateness.share(0.99), max: lateness.max },
  }
}

process.on('message', (command: LoadCommand) => {
  if (command.do === 'play') begin(command.play)
  else process.send!(report())
})
process.once('disconnect', () => process.exit())
