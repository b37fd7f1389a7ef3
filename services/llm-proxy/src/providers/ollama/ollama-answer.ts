import { randomUUID } from 'node:crypto'
import type { LanguageModelV4StreamPart } from '@ai-sdk/provider'
import { z } from 'zod'

const toolCall = z.object({
  id: z.string().optional(),
  function: z.object({ name: z.string(), arguments: z.record(z.string(), z.unknown()) }),
})

const piece = z.object({
  model: z.string().optional(),
  message: z
    .object({
      content: z.string().optional(),
      thinking: z.string().optional(),
      tool_calls: z.array(toolCall).nullish(),
    })
    .optional(),
  done: z.boolean(),
  done_reason: z.string().optional(),
  prompt_eval_count: z.number().optional(),
  eval_count: z.number().optional(),
})

/** One line of an answer, as far as it is needed. */
export const ollamaLine = z.union([z.object({ error: z.string() }), piece])

type Piece = z.infer<typeof piece>
type Block = { type: 'text' | 'reasoning'; id: string }

/**
 * From the lines of an answer to the parts of the SDK. One that ends without `done` gets no `finish`: whoever reads the
 * parts sees that it is not whole.
 */
export async function* ollamaAnswer(
  lines: AsyncIterable<z.infer<typeof ollamaLine>>,
): AsyncGenerator<LanguageModelV4StreamPart, void, undefined> {
  yield { type: 'stream-start', warnings: [] }
  let block: Block | undefined
  let blocks = 0
  let isFirst = true
  let hasCalls = false
  for await (const line of lines) {
    if ('error' in line) return yield { type: 'error', error: line }
    if (isFirst && line.model) yield { type: 'response-metadata', modelId: line.model }
    isFirst = false
    for (const [type, delta] of deltasOf(line)) {
      if (block?.type !== type) {
        if (block) yield { type: `${block.type}-end`, id: block.id }
        block = { type, id: String(blocks++) }
        yield { type: `${type}-start`, id: block.id }
      }
      yield { type: `${type}-delta`, id: block.id, delta }
    }
    for (const call of line.message?.tool_calls ?? []) {
      yield* callParts(call)
      hasCalls = true
    }
    if (!line.done) continue
    if (block) yield { type: `${block.type}-end`, id: block.id }
    return yield finishOf(line, hasCalls)
  }
}

function* deltasOf({ message }: Piece): Generator<[Block['type'], string]> {
  if (message?.thinking) yield ['reasoning', message.thinking]
  if (message?.content) yield ['text', message.content]
}

/** A call comes in one piece. */
function* callParts({ id = randomUUID(), function: called }: z.infer<typeof toolCall>) {
  const input = JSON.stringify(called.arguments)
  yield { type: 'tool-input-start', id, toolName: called.name } as const
  yield { type: 'tool-input-delta', id, delta: input } as const
  yield { type: 'tool-input-end', id } as const
  yield { type: 'tool-call', toolCallId: id, toolName: called.name, input } as const
}

function finishOf({ done_reason: raw, ...line }: Piece, hasCalls: boolean): LanguageModelV4StreamPart {
  const unified = hasCalls ? 'tool-calls' : raw === 'length' ? 'length' : 'stop'
  return {
    type: 'finish',
    finishReason: { unified, raw: raw ?? 'done' },
    usage: {
      inputTokens: { total: line.prompt_eval_count, noCache: undefined, cacheRead: undefined, cacheWrite: undefined },
      outputTokens: { total: line.eval_count, text: undefined, reasoning: undefined },
    },
  }
}
