import type { Colour } from '../output/output.ts'

/** What an event is about, as people tell them apart by colour. */
export type Kind =
  | 'person'
  | 'answer'
  | 'reasoning'
  | 'tool'
  | 'question'
  | 'run'
  | 'memory'
  | 'document'
  | 'quiet'
  | 'failure'
  | 'other'

const COLOURS: Readonly<Record<Kind, Colour | null>> = {
  person: 'green',
  answer: null,
  reasoning: 'dim',
  tool: 'cyan',
  question: 'yellow',
  run: 'blue',
  memory: 'magenta',
  document: 'magenta',
  quiet: 'dim',
  failure: 'red',
  other: 'magenta',
}

export function colourOf(kind: Kind): Colour | null {
  return COLOURS[kind]
}

const BY_TYPE: Readonly<Record<string, Kind>> = {
  'message.added': 'person',
  'text.delta': 'answer',
  'reasoning.delta': 'reasoning',
  'message.requested': 'quiet',
  'message.started': 'quiet',
  'message.completed': 'quiet',
  'generation.started': 'quiet',
  'generation.failed': 'failure',
  'run.failed': 'failure',
  'run.cancelled': 'question',
  'run.cancel_requested': 'question',
  'tool.failed': 'failure',
  'memory.failed': 'failure',
  'session.erased': 'failure',
  reset: 'failure',
}

const BY_FAMILY: Readonly<Record<string, Kind>> = {
  run: 'run',
  tool: 'tool',
  plan: 'question',
  confirmation: 'question',
  memory: 'memory',
  artifact: 'document',
  session: 'quiet',
}

export function kindOf(type: string): Kind {
  return BY_TYPE[type] ?? BY_FAMILY[type.split('.', 1)[0]!] ?? 'other'
}
