import type { RouteSettings } from '@spool/config'
import { openProvider } from '../../src/providers/open-provider.ts'
import type { Provider } from '../../src/providers/provider.ts'
import { type RequestBody, type WireFormatName, wireFormats } from './wire-formats.ts'

/** What a provider does with a request: the body of its answer. */
export type Answer = (request: RequestBody) => ReadableStream<Uint8Array> | string

/** A route to a provider that answers in this process, in its own format. Opened once: that costs more than a call. */
export class RouteInProcess {
  readonly settings: RouteSettings
  readonly provider: Provider
  private calls = 0
  private answers: readonly Answer[] = []

  constructor(
    readonly format: WireFormatName,
    settings: Pick<RouteSettings, 'model' | 'continues' | 'attempts'>,
  ) {
    this.settings = {
      baseUrl: 'http://in.process/v1',
      repeats: false,
      firstTokenTimeoutMs: 10_000,
      stallTimeoutMs: 10_000,
      ...wireFormats[format].route,
      ...settings,
    }
    this.provider = openProvider(this.settings, { key: 'key', fetch: (_, init) => this.respond(init) })
  }

  /** How often it was called since it was told what to answer. */
  get called(): number {
    return this.calls
  }

  /** What it answers from now on, call by call. */
  willAnswer(...answers: readonly Answer[]): void {
    this.calls = 0
    this.answers = answers
  }

  private async respond(init: RequestInit | undefined): Promise<Response> {
    const answer = this.answers[this.calls++]
    if (answer === undefined) throw new Error(`${this.format} was not expected to be called again.`)
    const body = answer(JSON.parse(String(init?.body)) as RequestBody)
    return new Response(body, { headers: { 'content-type': wireFormats[this.format].contentType } })
  }
}
