import { ArchiveOverNats, ArchiveUnavailable, Bus, Log, Queries, provision } from '@spool/log'
import { startNats } from '@spool/testing'
import { expect, onTestFinished, test } from 'vitest'
import { newSession, runRequest } from './support/deployment.ts'
import { stepperOn } from './support/stepper-on.ts'

test('a step that needs persistence says that it is away, however often it was away before', async () => {
  const nats = await startNats()
  onTestFinished(() => nats.stop())
  const bus = await Bus.connect({ servers: nats.url, name: 'test' })
  onTestFinished(() => bus.close())
  await provision(bus, { shards: 1, logMaxBytes: 64 * 1024 ** 2 })
  // Nobody is there to be asked, and the bus says so at once.
  const stepper = stepperOn(await Log.open(bus, new ArchiveOverNats(new Queries(bus))))
  for (let attempt = 0; attempt < 3; attempt++) {
    const step = stepper.take(newSession(), { kind: 'start', request: runRequest() })
    await expect(step).rejects.toBeInstanceOf(ArchiveUnavailable)
  }
})
