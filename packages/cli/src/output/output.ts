import { styleText } from 'node:util'
import { harmlessJson } from './harmless.ts'
import { Progress } from './progress.ts'

export type Colour = Parameters<typeof styleText>[0]

export interface Terminal {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): boolean
  once?(event: 'drain', listener: () => void): unknown
}

/**
 * Where a command says things. Results go to standard output: as text for people, or with `--json` as one JSON document
 * per line. All else (progress, remarks) goes to standard error, so that a pipe only ever carries results.
 */
export class Output {
  constructor(
    readonly json: boolean,
    private readonly out: Terminal = process.stdout,
    private readonly err: Terminal = process.stderr,
    private readonly coloured = out.isTTY === true && !process.env['NO_COLOR'],
  ) {}

  /** A person is looking at the results as they come. */
  get interactive(): boolean {
    return !this.json && this.out.isTTY === true
  }

  /** Where a person is asked something: what is said there is no result. */
  get prompts(): Terminal {
    return this.interactive ? this.out : this.err
  }

  /** Terminals that do not know say 0. */
  get columns(): number {
    return this.out.columns || 100
  }

  /** A result for people; nothing with `--json`. */
  line(text = ''): void {
    if (!this.json) this.out.write(`${text}\n`)
  }

  /** A piece of a line, as it comes: tokens. Nothing with `--json`. */
  write(text: string): void {
    if (!this.json) this.out.write(text)
  }

  /** A result for programs; nothing without `--json`. */
  data(value: unknown): void {
    if (this.json) this.out.write(`${harmlessJson(JSON.stringify(value))}\n`)
  }

  /** Bytes of a result that is the same for people and programs, such as an export. */
  raw(text: string): boolean {
    return this.out.write(text)
  }

  /**
   * The same for long results in JSON: resolves when there is room for more. On a terminal it is the same document, and
   * nothing in it that the terminal obeys.
   */
  async rawInTurn(json: string): Promise<void> {
    const { out } = this
    const text = out.isTTY === true ? harmlessJson(json) : json
    // Whoever reads it and leaves ends the process.
    if (!out.write(text) && out.once !== undefined) await new Promise<void>((resolve) => out.once?.('drain', resolve))
  }

  /** A remark beside the results. */
  note(text: string): void {
    this.err.write(`${text}\n`)
  }

  colour(colour: Colour, text: string): string {
    return this.coloured ? styleText(colour, text, { validateStream: false }) : text
  }

  /** For work that takes a while. Shown only where a person looks at standard error. */
  progress(what: string, total?: number): Progress {
    return new Progress(what, total, this.err)
  }
}
