import type { Bus } from '../../src/index.ts'

/** What `spool log restore` does to a stream that came back behind: a new life that begins beyond the old one. */
export async function beginEpoch(bus: Bus, epoch: number, firstSeq: number): Promise<void> {
  const { config } = await bus.jsm.streams.info('LOG')
  await bus.jsm.streams.delete('LOG')
  const metadata = { ...config.metadata, spool_epoch: String(epoch) }
  await bus.jsm.streams.add({ ...config, first_seq: firstSeq, metadata })
}
