/**
 * A bus that is away for a minute in the middle of an answer:
 * `node --experimental-transform-types --conditions spool-source services/llm-proxy/bench/bus-outage.ts [seconds]`.
 * `npm test` does the same with a few seconds (test/faults/bus-away.test.ts).
 */
import { shownText } from '../test/support/verdict.ts'
import { BusWire, outlast } from '../test/faults/support/bus-outage.ts'
import { FaultyModels } from '../test/faults/support/faulty-models.ts'

const awayMs = Number(process.argv[2] ?? 60) * 1000
const MIB = 1024 ** 2
const say = (line: string) => process.stdout.write(`${line}\n`)
const mebibytes = (bytes: number) => `${(bytes / MIB).toFixed(2)} MiB`

const models = new FaultyModels()
const talking = models.add('talking', { stall_timeout_ms: 1_500 })
await models.start({ proxies: 0 })
const wire = await BusWire.to(models.system.nats.port)
try {
  await models.proxy({ NATS_URL: wire.url })
  const { answer, events, outage } = await outlast(models, talking, wire, 'cut', awayMs)
  say(`away for ${awayMs / 1000} s; read from the provider until then: ${mebibytes(outage.bytesBefore)}`)
  say(
    `taken from it afterwards, sockets' buffers included: ${mebibytes(outage.bytesAtStandstill - outage.bytesBefore)}`,
  )
  say(`nothing was taken for ${(outage.stoodStillMs / 1000).toFixed(1)} s`)
  say(`held between provider and log at most: ${mebibytes(outage.mostHeldBytes)}`)
  say(`attempts: ${answer.attempt}, status: ${answer.status}, ${mebibytes(outage.said.length)} of text`)
  say(shownText(events) === outage.said ? 'nothing is missing, nothing is doubled' : 'THE TEXT IS NOT WHAT WAS SAID')
} finally {
  wire.comeBack()
  await models.stop()
  await wire.stop()
}
