import { once } from 'node:events'
import { stat } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { deserializeMessage, type JSONRPCMessage, serializeMessage, type Transport } from '@modelcontextprotocol/client'
import { Frames } from './frames.ts'
import { type Child, type Program, signalGroup, startGroup } from './process-group.ts'
import { Unsent } from './unsent.ts'

/** For each of: to end by itself when its input closes, and after SIGTERM. */
const patienceMs = 1500

/**
 * Speaks to a server that is a program of ours. The SDK's own ends only the program it has started (with `npx` that is not
 * the server), and falls silent where one does not read.
 */
export class StdioTransport implements Transport {
  onclose?: () => void
  onerror?: (error: Error) => void
  onmessage?: Transport['onmessage']
  /** Called before `onclose` where nobody asked for the end. */
  onlost?: (reason: string) => void
  /** By these two the SDK knows that it speaks to a program. */
  readonly stderr = null
  #child: Child | null = null
  #ended: Promise<unknown> = Promise.resolve()

  constructor(
    private readonly program: Program,
    private readonly onStderr: (text: string) => void,
  ) {}

  get pid(): number | null {
    return this.#child?.pid ?? null
  }

  async start(): Promise<void> {
    const child = startGroup(this.program)
    // Before anything is awaited: what happens in the meantime must find somebody who listens.
    const spawned = once(child, 'spawn')
    child.on('error', (error) => this.onerror?.(error))
    for (const pipe of [child.stdin, child.stdout, child.stderr]) pipe.on('error', (error) => this.onerror?.(error))
    this.#read(child)
    this.#ended = this.#endOf(child)
    await spawned.catch(async (error: unknown) => {
      throw (await problemOfFolder(this.program)) ?? error
    })
    this.#child = child
  }

  async send(message: JSONRPCMessage): Promise<void> {
    const stdin = this.#child?.stdin
    if (!stdin?.writable) throw new Unsent('The server is not there.')
    await new Promise<void>((resolve, reject) =>
      stdin.write(serializeMessage(message), (error) => (error ? reject(error) : resolve())),
    )
  }

  async close(): Promise<void> {
    const child = this.#child
    if (child?.pid === undefined) return
    child.stdin.end()
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      if (await this.#endsWithin(patienceMs)) return
      signalGroup(child.pid, signal)
    }
    await this.#ended
  }

  #read(child: Child): void {
    const frames = new Frames('line')
    child.stdout.on('data', (chunk: Buffer) => {
      try {
        for (const line of frames.take(chunk)) this.#receive(line.toString().trim())
      } catch (error) {
        child.stdout.destroy()
        this.onlost?.((error as Error).message)
      }
    })
    child.stderr.setEncoding('utf8').on('data', this.onStderr)
  }

  #receive(line: string): void {
    // Some servers write what they ought to tell to stderr.
    if (!line.startsWith('{')) return
    let message: JSONRPCMessage
    try {
      message = deserializeMessage(line)
    } catch (error) {
      this.onerror?.(error as Error)
      return
    }
    this.onmessage?.(message)
  }

  async #endOf(child: Child): Promise<void> {
    const closed = new Promise<void>((resolve) => child.once('close', () => resolve()))
    const how = await new Promise<string>((resolve) =>
      child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`)),
    )
    // What it said last may still be on its way, and a program that left its group may keep the pipe for ever.
    await Promise.race([closed, delay(500, undefined, { ref: false })])
    this.#child = null
    this.onlost?.(`It ended (${how}).`)
    this.onclose?.()
  }

  async #endsWithin(milliseconds: number): Promise<boolean> {
    const waiting = new AbortController()
    const timer = delay(milliseconds, false, { signal: waiting.signal }).catch(() => false)
    const hasEnded = await Promise.race([this.#ended.then(() => true), timer])
    waiting.abort()
    return hasEnded
  }
}

/** A folder that is not there is told by the system as if the program were not. */
async function problemOfFolder({ cwd }: Program): Promise<Error | null> {
  if (cwd === null) return null
  const found = await stat(cwd).catch(() => null)
  if (found?.isDirectory()) return null
  return new Error(`There is no folder ${cwd}, in which it is to be started (cwd).`)
}
