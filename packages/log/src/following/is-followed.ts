/** Behind these nothing is due. */
const LAST: ReadonlySet<string> = new Set([
  'run.completed',
  'run.cancelled',
  'run.failed',
  'memory.updated',
  'memory.failed',
  'session.titled',
  'session.forked',
  'session.imported',
])

/** Whether something is going on in a session whose last event is of this type, so that more is to come. */
export const isFollowed = (type: string): boolean => !LAST.has(type)
