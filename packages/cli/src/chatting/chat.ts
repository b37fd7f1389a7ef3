import { randomBytes } from 'node:crypto'
import { Refused } from '@spool/client'
import type { Command, Context } from '../command.ts'
import { ExitCode } from '../exit-codes.ts'
import { isAwayStatus } from '../in-words.ts'
import { harmless } from '../output/harmless.ts'
import { usageProblem } from '../problem.ts'
import { assertSessionId } from '../session-id.ts'
import { Conversation, Left } from './conversation.ts'
import { Person } from './person.ts'
import type { Ending } from './run-view.ts'
import { Screen } from './screen.ts'

export const chat: Command = {
  words: '',
  options: {
    agent: {
      type: 'string',
      short: 'a',
      value: 'AGENT',
      summary: 'who answers; else the one who did last, or the default',
    },
    session: { type: 'string', short: 's', value: 'SESSION', summary: 'which conversation; without it, a new one' },
    model: { type: 'string', value: 'MODEL', summary: "which model answers instead of the agent's own" },
    message: { type: 'string', short: 'm', value: 'TEXT', summary: 'say this, wait for the answer, and end' },
  },
  details: [
    'A message per line, from the terminal or from a pipe. A question is answered with confirm (y), modify <text> or',
    'cancel (n). Ctrl-C cancels the answer that is being written, and leaves where there is none; Ctrl-D leaves as well.',
    'What was begun goes on on the server, whoever leaves. Exit code 1: an answer failed, was cancelled, or waits.',
    '',
    '  spool chat --agent demo-plan',
    '  echo "What time is it?" | spool chat --agent demo-tools --json',
  ].join('\n'),
  async run(context) {
    const { given, signal } = context
    if (given.words.length > 0)
      throw usageProblem('Say it with --message, or after the prompt.\nsee: spool chat --help')
    const id = given.text('session') ?? `chat-${randomBytes(6).toString('hex')}`
    assertSessionId(id)
    const { person, conversation, screen } = await open(context, id)
    const interrupt = () => conversation.interrupt()
    signal.addEventListener('abort', interrupt)
    person.onInterrupt = interrupt
    try {
      return await talk(context, conversation, person, screen)
    } finally {
      signal.removeEventListener('abort', interrupt)
      person.close()
      screen.endFlow()
      if (conversation.unanswered) context.output.note('It waits for an answer.')
      if (conversation.begun)
        context.output.note(context.output.colour('dim', `Go on with: npx spool chat --session ${id}`))
    }
  },
}

async function open({ given, output, connections, stdin, signal }: Context, id: string) {
  const screen = new Screen(output)
  const onLost = () => (output.interactive ? screen.aside(' reconnecting …') : output.note('reconnecting …'))
  const spool = await connections.gateway(signal, { onLost })
  const asksAPerson = stdin.isTTY === true
  const person = new Person(stdin, asksAPerson ? output.prompts : null)
  const agent = given.text('agent')
  const model = given.text('model')
  const options = { ...(agent !== undefined && { agent }), ...(model !== undefined && { model }) }
  return { screen, person, conversation: new Conversation(spool.session(id), person, screen, output, options) }
}

async function talk(
  { given, output, signal }: Context,
  conversation: Conversation,
  person: Person,
  screen: Screen,
): Promise<ExitCode> {
  const once = given.text('message')
  const endings: (Ending | 'refused' | null)[] = []
  try {
    if (given.text('session') !== undefined) endings.push(await conversation.open())
    const lines = once === undefined ? linesOf(person, output, conversation.left) : [once]
    for await (const line of lines) {
      endings.push(await answered(conversation.say(line), output, once !== undefined))
      // So that what is typed next stands by itself.
      if (person.isAtTerminal && once === undefined) screen.line()
      if (signal.aborted) break
    }
  } catch (error) {
    if (!(error instanceof Left)) throw error
    return conversation.unanswered ? ExitCode.failed : ExitCode.interrupted
  }
  if (once !== undefined && conversation.interrupted) return ExitCode.interrupted
  const isFine = endings.every((ending) => ending === null || ending === 'done' || ending === 'limit')
  return isFine || (person.isAtTerminal && once === undefined) ? ExitCode.done : ExitCode.failed
}

async function* linesOf(person: Person, output: Context['output'], left: AbortSignal) {
  if (person.isAtTerminal) output.note(output.colour('dim', 'Ctrl-C cancels an answer, Ctrl-D leaves.'))
  for (;;) {
    const line = await person.nextLine(output.colour('green', '> '), left)
    if (line === null) return
    if (line.trim() !== '') yield line
  }
}

/** What is refused ends no conversation: the next thing that is said may not be. */
async function answered(
  ending: Promise<Ending>,
  output: Context['output'],
  isAll: boolean,
): Promise<Ending | 'refused'> {
  try {
    return await ending
  } catch (error) {
    if (!(error instanceof Refused) || error.status === 401 || (isAll && isAwayStatus(error.status))) throw error
    output.data({ error: error.message, code: error.code })
    output.note(output.colour('red', harmless(error.message)))
    return 'refused'
  }
}
