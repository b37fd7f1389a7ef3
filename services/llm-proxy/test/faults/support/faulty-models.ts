import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { MessageState } from '@spool/events'
import { type ProxyStatus, type StoredEvent, askStatuses } from '@spool/log'
import type { RunningProxy } from '../../../src/start-llm-proxy.ts'
import { Conversation } from '../../support/conversation.ts'
import { FaultServer } from '../../support/fault-server.ts'
import { System } from '../../support/system.ts'
import { until } from '../../support/until.ts'

/** One entry below an alias in spool.config.yaml; what it leaves out is that of a server of its own. */
export interface RouteEntry {
  readonly provider?: 'openai-compatible' | 'anthropic'
  readonly model?: string
  readonly base_url?: string
  readonly continue?: 'prefill' | 'restart' | 'end'
  readonly repeats?: boolean
  readonly first_token_timeout_ms?: number
  readonly stall_timeout_ms?: number
  readonly max_concurrency?: number
  readonly attempts?: number
}

export interface FaultyModel<Routes extends readonly RouteEntry[] = readonly RouteEntry[]> {
  /** What conversations ask for. */
  readonly alias: string
  /** Of each route in order. The models are named `<alias>-1`, `<alias>-2`, … */
  readonly providers: { readonly [Index in keyof Routes]: FaultServer }
}

interface StartOptions {
  readonly proxies?: number
  readonly env?: Record<string, string>
}

export interface Finished {
  readonly conversation: Conversation
  readonly answer: MessageState
  readonly events: readonly StoredEvent[]
}

/** The provider's key in all of these tests; no text may hold it. */
export const KEY = 'a-key-of-no-known-form-0815'

/** A proxy whose models are all behind servers that a test commands. Models are declared before it starts. */
export class FaultyModels {
  private readonly servers: FaultServer[] = []
  private readonly entries: Record<string, object[]> = { default: [{ provider: 'demo', model: 'demo' }] }
  private readonly folder = mkdtempSync(join(tmpdir(), 'spool-faults-'))
  private running: System | undefined

  add<const Routes extends readonly RouteEntry[]>(alias: string, ...routes: Routes): FaultyModel<Routes> {
    const providers = routes.map(() => new FaultServer())
    this.servers.push(...providers)
    this.entries[alias] = routes.map((route, index) => ({
      provider: 'openai-compatible',
      model: `${alias}-${index + 1}`,
      key_env: 'FAULTY_KEY',
      ...route,
      // Not known before it listens.
      get base_url() {
        return route.base_url ?? providers[index]!.url
      },
    }))
    return { alias, providers: providers as unknown as FaultyModel<Routes>['providers'] }
  }

  get system(): System {
    if (this.running === undefined) throw new Error('The system has not been started.')
    return this.running
  }

  /** What tells a proxy where to find the models. */
  private get env(): Record<string, string> {
    return { SPOOL_CONFIG: join(this.folder, 'spool.config.yaml'), FAULTY_KEY: KEY }
  }

  async start({ proxies = 1, env = {} }: StartOptions = {}): Promise<void> {
    await Promise.all(this.servers.map((server) => server.listen()))
    // JSON is YAML, too.
    writeFileSync(this.env['SPOOL_CONFIG']!, JSON.stringify({ models: this.entries }))
    this.running = await System.start()
    for (let started = 0; started < proxies; started++) await this.proxy(env)
  }

  /** One more that knows the models. */
  proxy(env: Record<string, string> = {}): Promise<RunningProxy> {
    return this.system.proxy({ ...this.env, ...env })
  }

  async stop(): Promise<void> {
    await this.running?.stop()
    await Promise.all(this.servers.map((server) => server.close()))
    rmSync(this.folder, { recursive: true, force: true })
  }

  /** One that has not asked for anything yet. */
  conversation(): Conversation {
    return new Conversation(this.system.log)
  }

  /** One that has just asked a model. */
  async begin({ alias }: Pick<FaultyModel, 'alias'>, said?: string): Promise<Conversation> {
    const conversation = this.conversation()
    await conversation.ask(alias, said)
    return conversation
  }

  /** So many calls of a model's first route wait in line. */
  untilInLine({ alias }: Pick<FaultyModel, 'alias'>, calls: number): Promise<void> {
    return until(`${calls} calls in line`, async () => {
      const statuses = (await askStatuses(this.system.bus, 'llm-proxy', { othersMs: 50 })) as ProxyStatus[]
      const waiting = statuses.map(({ routes }) => routes.find(({ model }) => model === alias)?.waiting ?? 0)
      return waiting.reduce((sum, one) => sum + one, 0) === calls
    })
  }

  /** Asks a model and waits for the end of the answer. */
  async ask(model: Pick<FaultyModel, 'alias'>, said?: string): Promise<Finished> {
    return finished(await this.begin(model, said))
  }
}

export async function finished(conversation: Conversation): Promise<Finished> {
  const answer = await conversation.closed()
  return { conversation, answer, events: await conversation.events() }
}
