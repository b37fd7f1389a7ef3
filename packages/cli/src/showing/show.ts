import type { Cursor, MessageSnapshot, RunSnapshot, Session } from '@spool/client'
import type { Command } from '../command.ts'
import { cursorOption } from '../cursor-option.ts'
import { usageProblem } from '../problem.ts'
import { colourOf } from '../rendering/kinds.ts'
import { assertSessionId } from '../session-id.ts'
import { allMessages } from './all-messages.ts'
import { showLines } from './show-lines.ts'

const AT_ONCE = 8

export const show: Command = {
  words: '<session>',
  options: {
    at: { type: 'string', value: 'CURSOR', summary: 'as it stood there; `spool tail --events` shows the cursors' },
  },
  details: [
    'Its messages, the tools they called, what they cost, how each ended, and the question that waits. With --json the',
    'snapshots, in one document: {cursor, session, messages, runs, artifacts, confirmations}.',
    '',
    '  spool show my-session --at 1-4711',
  ].join('\n'),
  async run({ given, output, connections, signal }) {
    const [id, ...more] = given.words
    if (id === undefined || more.length > 0) throw usageProblem('spool show <session>\nsee: spool show --help')
    assertSessionId(id)
    const at = cursorOption(given, 'at')
    const { connectMs } = connections.settings
    const session = (await connections.gateway(signal, { giveUpAfterMs: connectMs })).session(id)
    const shown = await readAt(session, at, signal)
    output.data({ ...shown, runs: [...shown.runs.values()] })
    for (const { kind, text } of showLines(shown)) {
      const colour = colourOf(kind)
      output.line(colour === null || text === '' ? text : output.colour(colour, text))
    }
  },
}

/** All of it as it was at one cursor, although the session may go on while it is read. */
async function readAt(session: Session, wanted: Cursor | undefined, signal: AbortSignal) {
  const asked = wanted === undefined ? {} : { at: wanted }
  const { session: head, cursor } = await session.snapshot(asked, signal)
  const { messages } = await allMessages(session, { at: cursor }, signal)
  const { artifacts } = await session.artifacts({ at: cursor }, signal)
  const { confirmations } = await session.confirmations({ at: cursor }, signal)
  // As it is now, a run costs a row; as it was, its session's events up to there.
  const runs = await runsOf(messages, async (run) => (await session.run(run, asked, signal)).run)
  return { cursor, session: head, messages, runs, artifacts, confirmations }
}

/** Who was asked, when, and how it ended, is said of the run. */
async function runsOf(
  messages: readonly MessageSnapshot[],
  read: (run: string) => Promise<RunSnapshot>,
): Promise<Map<string, RunSnapshot>> {
  const ids = [...new Set(messages.flatMap(({ run }) => run ?? []))]
  const runs = new Map<string, RunSnapshot>()
  for (let from = 0; from < ids.length; from += AT_ONCE) {
    for (const run of await Promise.all(ids.slice(from, from + AT_ONCE).map(read))) runs.set(run.id, run)
  }
  return runs
}
