import { type CallState, type Failure, type SessionState, type SpoolEvent, draft } from '@spool/events'
import type { Tool } from '../tools/tool.ts'
import type { Toolbox } from '../tools/toolbox.ts'
import { ArtifactOfCall } from './artifact-of-call.ts'
import * as failures from './call-failure.ts'
import type { CallFailure } from './call-failure.ts'
import type { CallWriter } from './call-writer.ts'
import { emitCustom } from './custom-events.ts'
import { observeAttempt } from './observe-attempt.ts'
import { ProgressReports } from './progress-reports.ts'
import { type Ran, runTool } from './run-tool.ts'
import type { StoreBlob } from './store-blob.ts'
import { toolOutput } from './tool-output.ts'

/** A call whose workers keep dying is not begun once more: it may be what they die of. */
export const MOST_ATTEMPTS = 3

export interface CarryOutOptions {
  readonly worker: string
  readonly toolbox: Pick<Toolbox, 'find'>
  /** Why a call must not be carried out by anybody: not the agent's tool, wrong arguments, not agreed to. */
  readonly forbids: (state: SessionState, call: CallState) => Failure | null
  readonly store: StoreBlob
  /** Aborted as soon as this process takes nothing new: what can be begun again elsewhere is. */
  readonly stopping: AbortSignal
  /** Aborted when it must let go of everything. */
  readonly drained: AbortSignal
  /** Told of failures that nobody has foreseen. */
  readonly onUnforeseen: (error: unknown) => void
}

export type CarriedOut =
  /** Closed, by this writer or by somebody else, or in the hands of a newer attempt: the writer's state says. */
  | 'over'
  /** This process is going down: the next one begins anew. */
  | 'handed-over'

/** One attempt at a call, whoever was at it before. */
export async function carryOut(writer: CallWriter, options: CarryOutOptions): Promise<CarriedOut> {
  const { call } = writer
  const tool = options.toolbox.find(call.name)
  const failure = mustNotBegin(writer, tool, options)
  if (failure !== null || tool === undefined) {
    await writer.append(failedEvent(call, failure ?? failures.unknownTool(call)))
    return 'over'
  }
  if (options.stopping.aborted) return 'handed-over'
  return observeAttempt(writer, async () => {
    const about = { run: call.run, call: call.id, attempt: call.attempt + 1, worker: options.worker }
    // Before the tool is touched.
    if (await writer.append(draft('tool.started', about))) return new Attempt(writer, tool, options).make()
    if (writer.standing === 'cancelled') {
      await writer.append(failedEvent(call, failures.cancelled(false, true, writer.run.language)))
    }
    return 'over'
  })
}

/** Why it must not be begun, or begun again. */
function mustNotBegin(writer: CallWriter, tool: Tool | undefined, options: CarryOutOptions): CallFailure | null {
  const { call, state } = writer
  const { language } = writer.run
  if (call.attempt > 0 && !mayRepeat(call, tool)) return failures.outcomeUnknown(call, language)
  if (call.attempt >= MOST_ATTEMPTS) return failures.gaveUp(call, language)
  if (tool === undefined) return failures.unknownTool(call)
  try {
    const error = options.forbids(state, call)
    return error === null ? null : { error, outcome: 'failed' }
  } catch (error) {
    options.onUnforeseen(error)
    return failures.unforeseen(call, language)
  }
}

/** Both as it was when it was called and as it is now. */
function mayRepeat(call: CallState, tool: Tool | undefined): boolean {
  return call.repeatable && tool?.repeatable !== false
}

class Attempt {
  private readonly startedMs = performance.now()

  constructor(
    private readonly writer: CallWriter,
    private readonly tool: Tool,
    private readonly options: CarryOutOptions,
  ) {}

  async make(): Promise<CarriedOut> {
    const { writer, tool } = this
    const { stopping, drained } = this.options
    const { ref, call } = writer
    // The last attempt has nobody to be handed over to: programs that are replaced one after another are no failures.
    const mayFollow = this.mayRepeat && call.attempt < MOST_ATTEMPTS
    const stop = AbortSignal.any([writer.signal, mayFollow ? stopping : drained])
    const progress = new ProgressReports((told) =>
      writer.append(draft('tool.progress', { run: call.run, call: call.id, ...told })),
    )
    const artifact = new ArtifactOfCall(writer, this.options.store)
    const context = {
      ref,
      run: call.run,
      call: call.id,
      attempt: call.attempt,
      language: this.language,
      progress: (told: { progress?: number; text?: string }) => progress.tell(told),
      createArtifact: artifact.create.bind(artifact),
      emit: (type: string, data?: unknown) => emitCustom(writer, type, data),
    }
    const ran = await runTool(tool, call.input, context, stop)
    await progress.close()
    const end = await this.endOf(ran)
    if (end === 'handed-over') return end
    if (end !== null) await writer.append(end)
    return 'over'
  }

  private async endOf(ran: Ran): Promise<SpoolEvent | 'handed-over' | null> {
    if (this.writer.standing === 'lost') return null
    if (ran.kind === 'returned') return this.returned(ran.output)
    if (ran.kind === 'threw') return this.failed(failures.saidByTool(ran.error) ?? this.unforeseen(ran.error))
    const { call } = this.writer
    switch (ran.why) {
      case 'timed-out':
        return this.failed(failures.timedOut(call, this.tool, this.language))
      case 'cancelled':
        return this.failed(failures.cancelled(ran.isTouched, this.mayRepeat, this.language))
      case 'handed-over':
        return this.mayRepeat ? 'handed-over' : this.failed(failures.outcomeUnknown(call, this.language))
      case 'lost':
        return null
    }
  }

  private async returned(output: unknown): Promise<SpoolEvent> {
    const { call } = this.writer
    try {
      const fitting = toolOutput(output, this.tool.maxOutputBytes)
      if (fitting.kind === 'whole') return this.completed({ output: fitting.output })
      if (fitting.kind === 'too-large') return this.failed(failures.outputTooLarge(call, this.language))
      const blob = await this.stored(fitting)
      if (blob === null) return this.failed(failures.outputNotStored(call, this.language))
      return this.completed({ output: fitting.beginning, blob })
    } catch (error) {
      return this.failed(this.unforeseen(error))
    }
  }

  /** `null`: it cannot be stored. */
  private async stored({ bytes, mediaType }: { bytes: Uint8Array; mediaType: string }): Promise<string | null> {
    try {
      return await this.options.store(bytes, mediaType)
    } catch (error) {
      this.options.onUnforeseen(error)
      return null
    }
  }

  private completed(result: { output: unknown; blob?: string }): SpoolEvent {
    const { id, run } = this.writer.call
    const duration_ms = Math.round(performance.now() - this.startedMs)
    return draft('tool.completed', { run, call: id, ...result, duration_ms })
  }

  private failed(failure: CallFailure): SpoolEvent {
    return failedEvent(this.writer.call, failure)
  }

  private unforeseen(error: unknown): CallFailure {
    this.options.onUnforeseen(error)
    return failures.unforeseen(this.writer.call, this.language)
  }

  private get mayRepeat(): boolean {
    return mayRepeat(this.writer.call, this.tool)
  }

  private get language(): string | null {
    return this.writer.run.language
  }
}

function failedEvent({ id: call, run }: CallState, failure: CallFailure): SpoolEvent {
  return draft('tool.failed', { run, call, ...failure })
}
