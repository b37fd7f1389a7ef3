import * as z from 'zod'
import type { Tool, ToolContext } from '../tool.ts'

export interface ZodTool<Input extends z.ZodType> extends Pick<
  Tool,
  'name' | 'description' | 'repeatable' | 'timeoutMs'
> {
  readonly input: Input
  readonly asksFirst?: boolean
  readonly maxOutputBytes?: number
  run(input: z.output<Input>, context: ToolContext): Promise<unknown>
}

const MAX_PROBLEMS = 5

/** A tool whose arguments are described by a zod schema: what the model is shown and what is checked are one. */
export function zodTool<Input extends z.ZodType>(tool: ZodTool<Input>): Tool {
  const { $schema: _, ...inputSchema } = z.toJSONSchema(tool.input, { io: 'input' })
  return {
    name: tool.name,
    description: tool.description,
    inputSchema,
    repeatable: tool.repeatable,
    timeoutMs: tool.timeoutMs,
    maxOutputBytes: tool.maxOutputBytes ?? 64 * 1024,
    asksFirst: tool.asksFirst ?? false,
    problemOf(input) {
      const { error } = tool.input.safeParse(input)
      return error === undefined ? null : error.issues.slice(0, MAX_PROBLEMS).map(inWords).join('; ')
    },
    run: async (input, context) => tool.run(tool.input.parse(input), context),
  }
}

function inWords({ path, message }: z.core.$ZodIssue): string {
  return path.length === 0 ? `the arguments: ${message}` : `${path.join('.')}: ${message}`
}
