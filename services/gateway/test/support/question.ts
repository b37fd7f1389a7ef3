import type { EventFields } from '@spool/events'

/** What is asked, with a day to answer it. */
export function questionOf(run: string, confirmation: string): EventFields<'confirmation.requested'> {
  return {
    run,
    confirmation,
    kind: 'plan',
    round: 1,
    prompt: 'Shall I?',
    tasks: [{ index: 1, description: 'Look' }],
    hash: 'h',
    options: ['confirm', 'modify', 'cancel'],
    timeout_seconds: 86_400,
    deadline: new Date(Date.now() + 86_400_000).toISOString(),
  }
}
