/**
 * How late a question's time is found to be over: `npm run build && node test/bench/deadlines.ts [questions]`. By the
 * clock of this machine, from the deadline to the event that says so.
 */
import { type SpoolUnderTest, startSpool } from '@spool/testing'
import { followRun, start } from '../e2e/support/system.ts'

const questions = Number(process.argv[2] ?? 100)

/** The milliseconds between a question's deadline and its resolution. */
async function lateness(spool: SpoolUnderTest, index: number): Promise<number> {
  const timeout_seconds = 1 + (2 * index) / questions
  const body = { message: 'Tidy up', agent: 'demo-plan', confirmation: { timeout_seconds } }
  const { run } = await start(spool, `late-${index}`, body)
  const frames = await followRun(spool, `late-${index}`, run)
  const of = (type: string) => frames.find((frame) => frame.event === type)?.data
  if (of('confirmation.resolved')?.['action'] !== 'timeout') throw new Error('it did not time out')
  return (
    Date.parse(of('confirmation.resolved')!['at'] as string) -
    Date.parse(of('confirmation.requested')!['deadline'] as string)
  )
}

const spool = await startSpool()
try {
  const all = await Promise.all(Array.from({ length: questions }, (_, index) => lateness(spool, index)))
  const sorted = all.toSorted((one, other) => one - other)
  const [p50, p99] = [0.5, 0.99].map((share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))])
  process.stdout.write(
    `${questions} deadlines were found ${p50} ms (p50), ${p99} ms (p99), ${sorted.at(-1)} ms (worst) late; asked: 2,000 ms\n`,
  )
} finally {
  await spool.stop()
}
process.exit(0)
