import { harmless } from '../output/harmless.ts'
import type { Output } from '../output/output.ts'
import { clock } from './amounts.ts'
import { describeEvent } from './describe-event.ts'
import { type Body, brief, textOf } from './fields.ts'
import { colourOf, type Kind, kindOf } from './kinds.ts'

const LONGEST_TYPE = 'confirmation.requested'.length
const LONGEST_CURSOR = '1-1234567'.length

/** An event as it is shown. */
export interface ShownEvent {
  readonly kind: Kind
  /** Time and type, before its text. */
  readonly head: string
  readonly text: string
  /** What it goes on with, where it is a piece of something: pieces of the same flow together. */
  readonly flow: string | null
}

export function showEvent(event: Body, known: { toolOf(call: string): string }): ShownEvent {
  const type = textOf(event, 'type')
  const head = `${clock(event['at'])}  ${brief(type, 40).padEnd(LONGEST_TYPE)}  `
  const flow = flowOf(event, type)
  const tool = type.startsWith('tool.') && type !== 'tool.called' ? known.toolOf(textOf(event, 'call')) : ''
  const text = flow === null ? describeEvent(event) : harmless(textOf(event, 'text'))
  return { kind: kindOf(type), head, text: flow !== null || tool === '' ? text : `${brief(tool)}: ${text}`, flow }
}

function flowOf(event: Body, type: string): string | null {
  if (typeof event['text'] !== 'string') return null
  if (type === 'text.delta' || type === 'reasoning.delta') return `${type} ${textOf(event, 'message')}`
  return type === 'tool.input.delta' ? `${type} ${textOf(event, 'call')}` : null
}

/** Events one after the other, for people: a line each, but what streams flows together. With `--json` a document each. */
export class EventLines {
  private flow: string | null = null
  private atLineStart = true
  /** Names of the tools that are being worked with, by call. */
  private readonly tools = new Map<string, string>()

  constructor(
    private readonly output: Output,
    /** One line for every event, with its cursor. */
    private readonly each: boolean,
  ) {}

  show(event: Body): void {
    if (this.output.json) return this.output.data(event)
    const shown = showEvent(event, { toolOf: (call) => this.tools.get(call) ?? '' })
    this.remember(event)
    if (this.each) return this.line(event, shown)
    if (shown.flow === null || shown.flow !== this.flow) this.begin(shown)
    if (shown.flow === null) this.output.line(this.coloured(shown.kind, shown.text))
    else this.piece(shown)
  }

  /** What comes next begins on a line of its own. */
  end(): void {
    if (!this.atLineStart) this.output.line()
    this.atLineStart = true
    this.flow = null
  }

  private begin({ head, flow }: ShownEvent): void {
    this.end()
    this.flow = flow
    this.output.write(this.output.colour('dim', head))
  }

  private piece({ kind, text }: ShownEvent): void {
    this.output.write(this.coloured(kind, text))
    this.atLineStart = false
  }

  private line(event: Body, { kind, head, text, flow }: ShownEvent): void {
    const cursor = brief(textOf(event, 'cursor')).padEnd(LONGEST_CURSOR)
    const words = flow === null ? text : describeEvent(event)
    this.output.line(`${this.output.colour('dim', `${cursor}  ${head}`)}${this.coloured(kind, words)}`)
  }

  private remember(event: Body): void {
    const call = textOf(event, 'call')
    if (event['type'] === 'tool.called') this.tools.set(call, textOf(event, 'name'))
    if (event['type'] === 'tool.completed' || event['type'] === 'tool.failed') this.tools.delete(call)
  }

  private coloured(kind: Kind, text: string): string {
    const colour = colourOf(kind)
    return colour === null || text === '' ? text : this.output.colour(colour, text)
  }
}
