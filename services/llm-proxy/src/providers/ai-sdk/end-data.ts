import type { LanguageModelV4StreamPart } from '@ai-sdk/provider'
import type { EndData } from '../provider.ts'
import { hidden } from './quote.ts'

type Finish = Extract<LanguageModelV4StreamPart, { type: 'finish' }>

/** It lies in the log and in front of clients; some providers add whole documents. */
const MAX_CHARACTERS = 4096

/** How a provider ended its answer, in its own words: for looking it up, not for going on with. */
export function endData(
  { finishReason, usage, providerMetadata }: Finish,
  response: Pick<EndData, 'id' | 'model'>,
  secrets: readonly string[],
): EndData {
  const said = { finish_reason: finishReason.raw, usage: usage.raw, metadata: providerMetadata }
  const data = { ...response }
  for (const [name, value] of Object.entries(said)) {
    const clean = compact(value, secrets)
    if (clean !== undefined && JSON.stringify({ ...data, [name]: clean }).length <= MAX_CHARACTERS) {
      Object.assign(data, { [name]: clean })
    }
  }
  return data
}

/** Without what stands for nothing, and without anything that looks like a key. */
function compact(value: unknown, secrets: readonly string[]): unknown {
  const text = JSON.stringify(value, (_, field: unknown) => (isEmpty(field) ? undefined : field))
  if (text === undefined || isEmpty(JSON.parse(text))) return undefined
  try {
    return JSON.parse(hidden(text, secrets)) as unknown
  } catch {
    return undefined
  }
}

function isEmpty(value: unknown): boolean {
  return value === null || (typeof value === 'object' && Object.keys(value).length === 0)
}
