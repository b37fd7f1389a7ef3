/** How late a question's time is found to be over: by the clock of this machine, from the deadline to the event that says so. */
import { type SpoolUnderTest, startSpool } from '@spool/testing'
import { followRun, start } from '../e2e/support/system.ts'
import type { Figure, Setting } from './figure.ts'
import { measured } from './measuring.ts'
import { spread } from './statistics.ts'

const MOST_MS = 2000

export async function measureDeadlines({ quick, sync }: Setting): Promise<Figure[]> {
  const questions = quick ? 5 : 100
  const spool = await startSpool()
  try {
    const all = await Promise.all(Array.from({ length: questions }, (_, index) => lateness(spool, index, questions)))
    const worst = Math.max(...all)
    return [
      {
        what: `deadlines of ${questions} questions: found to be over, late by`,
        unit: 'ms',
        sync,
        spool: { ...spread(all), worst },
        beside: {},
        asked: { text: `${MOST_MS.toLocaleString('en')} ms`, reached: worst <= MOST_MS },
      },
    ]
  } finally {
    await spool.stop()
  }
}

/** The milliseconds between a question's deadline and its resolution. */
async function lateness(spool: SpoolUnderTest, index: number, questions: number): Promise<number> {
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

if (import.meta.main) await measured(measureDeadlines)
