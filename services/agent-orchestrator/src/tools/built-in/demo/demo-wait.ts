import { setTimeout as sleep } from 'node:timers/promises'
import { say } from '@spool/events'
import * as z from 'zod'
import { zodTool } from '../zod-tool.ts'

const LONGEST_SECONDS = 30

/** Slow on purpose: shows progress, cancelling and time limits, and is at hand where a worker is to be killed. */
export const demoWait = zodTool({
  name: 'demo_wait',
  description: 'Waits for some seconds and reports its progress. For demonstrations.',
  input: z.strictObject({
    seconds: z.number().min(0.1).max(LONGEST_SECONDS).describe('How long to wait'),
    steps: z.int().min(1).max(100).default(5).describe('How often to report progress'),
  }),
  repeatable: true,
  timeoutMs: (LONGEST_SECONDS + 10) * 1000,
  async run({ seconds, steps }, { language, signal, progress }) {
    for (let step = 1; step <= steps; step += 1) {
      await sleep((seconds * 1000) / steps, undefined, { signal })
      progress({ progress: step / steps, text: say(language, 'progress.step', { step, steps }) })
    }
    return { waited_seconds: seconds }
  },
})
