import * as z from 'zod'
import { zodTool } from '../zod-tool.ts'

/** Stands for all that must not happen twice. It sends nothing. */
export const demoPostcard = zodTool({
  name: 'demo_postcard',
  description: 'Pretends to send a postcard, and gives back a receipt. Nothing is sent. For demonstrations.',
  input: z.strictObject({
    to: z.string().min(1).max(200).describe('Who the postcard is for'),
    text: z.string().min(1).max(2000),
  }),
  repeatable: false,
  timeoutMs: 10_000,
  run: async ({ to, text }, { call }) => ({ receipt: `postcard-${call}`, to, text, sent: false }),
})
