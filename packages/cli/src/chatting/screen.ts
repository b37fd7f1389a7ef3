import type { Colour, Output } from '../output/output.ts'

const CLEAR_LINE = '\r\u001B[K'
/** What takes two columns, as far as this has to be known. */
const WIDE = /[\u1100-\u115F\u2E80-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\u{1F300}-\u{3FFFD}]/u

/**
 * The terminal as a conversation goes on in it: text that flows, lines between, and below a line that says what is being
 * done and goes away again. All that is handed in is harmless.
 */
export class Screen {
  private flow: string | null = null
  private statusShown = false
  /** Where the flow is, as far as it can be known. */
  private column = 0
  private asideWidth = 0

  constructor(private readonly output: Output) {}

  /** A piece of a text that comes in pieces: those of the same name follow each other. */
  piece(flow: string, text: string, colour?: Colour): void {
    if (text === '') return
    this.clearStatus()
    if (this.flow !== flow) this.endFlow()
    this.flow = flow
    this.clearAside()
    this.output.write(this.coloured(text, colour))
    const lineEnd = text.lastIndexOf('\n')
    this.column = ((lineEnd < 0 ? this.column : 0) + widthOf(text.slice(lineEnd + 1))) % this.output.columns
  }

  /** A status that is shown in the middle of a flow, and goes away again when that goes on. */
  aside(text: string): void {
    if (this.flow === null) return this.status(text)
    if (!this.output.interactive || this.asideWidth > 0) return
    if (this.column + widthOf(text) >= this.output.columns) {
      this.endFlow()
      return this.status(text)
    }
    this.asideWidth = widthOf(text)
    this.output.write(this.output.colour('dim', text))
  }

  line(text = '', colour?: Colour): void {
    this.endFlow()
    this.output.line(this.coloured(text, colour))
  }

  /** Replaced by the next one, and gone as soon as there is something to say; only where a person looks. */
  status(text: string): void {
    if (!this.output.interactive || this.flow !== null) return
    this.statusShown = true
    this.output.write(`${CLEAR_LINE}${this.output.colour('dim', fitting(text, this.output.columns - 1))}`)
  }

  endFlow(): void {
    this.clearStatus()
    this.clearAside()
    if (this.flow !== null) this.output.line()
    this.flow = null
    this.column = 0
  }

  private clearAside(): void {
    if (this.asideWidth > 0) this.output.write(`${'\b'.repeat(this.asideWidth)}\u001B[K`)
    this.asideWidth = 0
  }

  private clearStatus(): void {
    if (this.statusShown) this.output.write(CLEAR_LINE)
    this.statusShown = false
  }

  private coloured(text: string, colour: Colour | undefined): string {
    return colour === undefined || text === '' ? text : this.output.colour(colour, text)
  }
}

/** A line that wraps could not be taken back. */
function fitting(text: string, columns: number): string {
  let fits = ''
  for (const character of text) {
    if (widthOf(fits + character) > columns) return fits
    fits += character
  }
  return fits
}

function widthOf(text: string): number {
  let width = 0
  for (const character of text) width += WIDE.test(character) ? 2 : 1
  return width
}
