/**
 * With a few seconds, so that `npm test` stays short. The minute that is promised:
 * `BUS_AWAY_MS=60000 vitest run services/llm-proxy/test/faults/bus-away.test.ts`.
 */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { faults, fieldsOf, shownText } from '../support/verdict.ts'
import { type Away, BusWire, outlast } from './support/bus-outage.ts'
import { FaultyModels } from './support/faulty-models.ts'

const MIB = 1024 ** 2
const AWAY_MS = Number(process.env['BUS_AWAY_MS'] ?? 2_500)

const models = new FaultyModels()
// Shorter than the outage: that nobody reads is no fault of the provider's.
const talking = models.add('talking', { stall_timeout_ms: 1_000 })
let wire: BusWire

beforeAll(async () => {
  await models.start({ proxies: 0 })
  wire = await BusWire.to(models.system.nats.port)
  await models.proxy({ NATS_URL: wire.url })
})
afterAll(async () => {
  wire?.comeBack()
  await models.stop()
  await wire?.stop()
})

test.for<Away>(['cut', 'silent'])(
  'while the bus is away (%s) the provider is not read on; then the answer goes on, and nothing is missing',
  { timeout: 2 * AWAY_MS + 60_000 },
  async (how, { annotate }) => {
    talking.providers[0].calls.splice(0)
    const { answer, events, outage } = await outlast(models, talking, wire, how, AWAY_MS)
    const { bytesBefore, bytesAtStandstill, stoodStillMs, mostHeldBytes, said } = outage
    await annotate(
      `away for ${AWAY_MS} ms: ${mebibytes(bytesAtStandstill - bytesBefore)} were still taken, then nothing for ${stoodStillMs.toFixed(0)} ms; held at most ${mebibytes(mostHeldBytes)}`,
    )
    expect(stoodStillMs).toBeGreaterThan(AWAY_MS / 2)
    expect(mostHeldBytes).toBeGreaterThan(0)
    expect(mostHeldBytes).toBeLessThanOrEqual(MIB)
    expect(faults(events)).toEqual([])
    expect(answer.status).toBe('complete')
    expect(fieldsOf(events, 'generation.started', 'attempt')).toEqual([[1]])
    expect(shownText(events) === said).toBe(true)
  },
)

const mebibytes = (bytes: number) => `${(bytes / MIB).toFixed(2)} MiB`
