import { counted, duration, joined, moment, tokens } from './amounts.ts'
import { type Body, bodyOf, brief, listOf, numberOf, textOf } from './fields.ts'

const LONG = 400
const PLACE: ReadonlySet<string> = new Set(['v', 'type', 'at', 'run', 'session', 'seq', 'prev', 'cursor'])

/**
 * What an event says, in one line without anything that a terminal obeys. Whatever the event is like: of a type that
 * this release does not know, or a body that is not as it should be, its fields are shown.
 */
export function describeEvent(event: Body): string {
  const type = textOf(event, 'type')
  const known = Object.hasOwn(DESCRIPTIONS, type) ? DESCRIPTIONS[type]!(event) : ''
  return known === '' ? rest(event) : known
}

function rest(event: Body): string {
  const fields = Object.entries(event).filter(([name]) => !PLACE.has(name))
  return fields.length === 0 ? '' : brief(Object.fromEntries(fields), LONG)
}

const DESCRIPTIONS: Readonly<Record<string, (event: Body) => string>> = {
  'session.titled': (event) => brief(textOf(event, 'title')),
  'session.forked': (event) => `from ${brief(textOf(event, 'from_session'))} at ${brief(textOf(event, 'from_cursor'))}`,
  'session.summarised': (event) =>
    `${counted(numberOf(event, 'messages') ?? 0, 'message')}: ${brief(textOf(event, 'text'), LONG)}`,
  'session.erased': (event) => `by ${brief(textOf(event, 'by'))}`,
  'message.added': (event) => `${brief(textOf(event, 'role'))}: ${partsInWords(event)}`,
  'message.requested': (event) => `${brief(textOf(event, 'purpose'))} of ${brief(textOf(event, 'model'))}`,
  'message.started': (event) => `${brief(textOf(event, 'purpose'))} by ${modelOf(event)}`,
  'message.completed': (event) =>
    joined(
      `${brief(textOf(event, 'status'))} (${brief(textOf(event, 'reason'))})`,
      tokens(bodyOf(event, 'usage')),
      duration(numberOf(bodyOf(event, 'timing'), 'duration_ms')),
    ),
  'generation.started': (event) =>
    joined(
      `attempt ${numberOf(event, 'attempt') ?? '?'} (${brief(textOf(event, 'reason'))}) by ${brief(textOf(event, 'worker'))}`,
      modelOf(event),
      (numberOf(event, 'kept') ?? 0) > 0 ? `keeps ${counted(numberOf(event, 'kept')!, 'character')}` : '',
    ),
  'generation.failed': (event) => `attempt ${numberOf(event, 'attempt') ?? '?'}: ${errorOf(event)}`,
  'text.delta': (event) => brief(event['text'], LONG),
  'reasoning.delta': (event) => brief(event['text'], LONG),
  'tool.input.delta': (event) => `${brief(textOf(event, 'name'))} ${brief(event['text'], LONG)}`,
  'run.queued': (event) => `waits for the run before it: ${partsInWords(event)}`,
  'run.started': (event) =>
    joined(
      textOf(event, 'agent') === '' ? brief(textOf(event, 'kind')) : `agent ${brief(textOf(event, 'agent'))}`,
      textOf(event, 'model') === '' ? '' : `model ${brief(textOf(event, 'model'))}`,
      textOf(event, 'user') === '' ? '' : `for ${brief(textOf(event, 'user'))}`,
    ),
  'run.status': (event) => `${brief(textOf(event, 'phase'))}: ${brief(textOf(event, 'text'))}`,
  'run.cancel_requested': (event) => `by ${brief(textOf(event, 'by'))}: ${brief(textOf(event, 'reason'))}`,
  'run.completed': (event) =>
    joined(
      textOf(event, 'limit') === ''
        ? brief(textOf(event, 'status'))
        : `limit of ${brief(textOf(event, 'limit'))} reached`,
      counted(numberOf(event, 'steps') ?? 0, 'step'),
      tokens(bodyOf(event, 'usage')),
      duration(numberOf(event, 'duration_ms')),
    ),
  'run.cancelled': (event) => `by ${brief(textOf(event, 'by'))}: ${brief(textOf(event, 'reason'))}`,
  'run.failed': errorOf,
  'plan.proposed': (event) => `round ${numberOf(event, 'round') ?? '?'}: ${tasksInWords(event)}`,
  'confirmation.requested': (event) =>
    joined(brief(textOf(event, 'prompt'), LONG) || tasksInWords(event), `until ${moment(event['deadline'])}`),
  'confirmation.resolved': (event) => resolutionInWords(event),
  'tool.called': (event) => `${brief(textOf(event, 'name'))} ${brief(event['input'] ?? null, LONG)}`,
  'tool.started': (event) => `attempt ${numberOf(event, 'attempt') ?? '?'} by ${brief(textOf(event, 'worker'))}`,
  'tool.progress': progressInWords,
  'tool.completed': (event) => joined(duration(numberOf(event, 'duration_ms')), outputInWords(event, LONG)),
  'tool.failed': (event) => `${brief(textOf(event, 'outcome'))}: ${errorOf(event)}`,
  'memory.progress': (event) => `${numberOf(event, 'found') ?? 0} found`,
  'memory.updated': (event) => memoriesInWords(event) || 'nothing new',
  'memory.failed': errorOf,
  'memory.deleted': (event) =>
    counted(Array.isArray(event['ids']) ? event['ids'].length : 0, 'memory').replace('memorys', 'memories'),
  'artifact.created': (event) =>
    joined(
      `${brief(textOf(event, 'title'))} (${brief(textOf(event, 'filename'))})`,
      brief(textOf(event, 'media_type')),
      brief(textOf(event, 'content')),
    ),
  reset: (event) => `The stream begins anew here: ${brief(textOf(event, 'reason'), LONG)}`,
}

export function partsInWords(event: Body, maxCharacters = LONG): string {
  const words = listOf(event, 'parts').map((part) => {
    const type = textOf(part, 'type')
    if (type === 'text') return textOf(part, 'text')
    return `[${type} ${textOf(part, 'filename') || textOf(part, 'url').slice(0, 60) || textOf(part, 'blob')}]`
  })
  return brief(words.join(' '), maxCharacters)
}

export function errorOf(event: Body): string {
  const error = bodyOf(event, 'error')
  return `${brief(textOf(error, 'message'), LONG)} (${brief(textOf(error, 'code'))})`
}

export function progressInWords(event: Body): string {
  const progress = numberOf(event, 'progress')
  return [progress === undefined ? '' : `${Math.round(progress * 100)} %`, brief(textOf(event, 'text'))]
    .filter(Boolean)
    .join(' ')
}

/** What a tool gave back, or where it is all. */
export function outputInWords(event: Body, maxCharacters?: number): string {
  const blob = textOf(event, 'blob')
  const output = event['output'] === undefined ? '' : brief(event['output'], maxCharacters)
  return joined(output, blob === '' ? '' : `all of it in blob ${brief(blob)}`)
}

export function memoriesInWords(event: Body): string {
  return listOf(event, 'memories')
    .map((memory) => brief(textOf(memory, 'text')))
    .join(' · ')
}

/** Who answered a question, how and with what. */
export function resolutionInWords(event: Body): string {
  const action = textOf(event, 'action')
  if (action === 'timeout') return 'timeout: nobody answered in time'
  const message = textOf(event, 'message')
  const who = `${brief(action)} by ${brief(textOf(event, 'by'))} (${brief(textOf(event, 'via'))})`
  return message === '' ? who : `${who}: ${brief(message, LONG)}`
}

function tasksInWords(event: Body): string {
  return listOf(event, 'tasks')
    .map((task) => `${numberOf(task, 'index') ?? '?'}. ${brief(textOf(task, 'description'))}`)
    .join(' ')
}

function modelOf(event: Body): string {
  return [brief(textOf(event, 'provider')), brief(textOf(event, 'model'))].filter(Boolean).join(' ')
}
