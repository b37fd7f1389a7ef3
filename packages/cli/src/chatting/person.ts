import { createInterface, type Interface } from 'node:readline'
import { Writable } from 'node:stream'
import type { Terminal } from '../output/output.ts'

/** Whoever sits at the other end: a person at a terminal, who is prompted, or a program that has written its lines. */
export class Person {
  /** Ctrl-C at the terminal. Elsewhere it is a signal. */
  onInterrupt: () => void = () => undefined
  private readonly readline: Interface
  /** What was typed ahead. */
  private readonly lines: string[] = []
  private waiting: ((line: string | null) => void) | null = null
  private over = false
  /** What is typed while nothing is asked is not shown in the middle of what is being said. */
  private echoes = false

  constructor(
    stdin: NodeJS.ReadableStream,
    /** `null`: nobody is prompted. */
    private readonly terminal: Terminal | null,
  ) {
    this.readline = createInterface({
      input: stdin,
      ...(terminal === null ? {} : { output: this.outputTo(terminal), terminal: true }),
      crlfDelay: Infinity,
    })
    this.readline.on('line', (line) => this.take(line))
    this.readline.on('close', () => {
      this.over = true
      this.take(null)
    })
    this.readline.on('SIGINT', () => this.onInterrupt())
  }

  get isAtTerminal(): boolean {
    return this.terminal !== null
  }

  /** The next line; `null` where none will come. Rejects with the reason of the signal. */
  nextLine(prompt: string, signal: AbortSignal): Promise<string | null> {
    const typed = this.lines.shift()
    if (typed !== undefined) {
      this.terminal?.write(`${prompt}${typed}\n`)
      return Promise.resolve(typed)
    }
    return this.freshLine(prompt, signal)
  }

  /** The same, but never one that was typed before this was asked. */
  answer(prompt: string, signal: AbortSignal): Promise<string | null> {
    return this.terminal === null ? this.nextLine(prompt, signal) : this.freshLine(prompt, signal)
  }

  close(): void {
    this.readline.close()
  }

  private freshLine(prompt: string, signal: AbortSignal): Promise<string | null> {
    if (signal.aborted) return Promise.reject(signal.reason as Error)
    if (this.over) return Promise.resolve(null)
    return new Promise((resolve, reject) => {
      const stop = () => {
        this.waiting = null
        this.terminal?.write('\r\u001B[K')
        this.echoes = false
        reject(signal.reason as Error)
      }
      this.waiting = (line) => {
        signal.removeEventListener('abort', stop)
        this.waiting = null
        this.echoes = false
        resolve(line)
      }
      signal.addEventListener('abort', stop, { once: true })
      if (this.terminal === null) return
      this.echoes = true
      this.readline.setPrompt(prompt)
      this.readline.prompt(true)
    })
  }

  private take(line: string | null): void {
    if (this.waiting !== null) this.waiting(line)
    else if (line !== null) this.lines.push(line)
  }

  private outputTo(terminal: Terminal): Writable {
    const output = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        if (this.echoes) terminal.write(chunk.toString())
        done()
      },
    })
    return Object.defineProperty(output, 'columns', { get: () => terminal.columns || 80 })
  }
}
