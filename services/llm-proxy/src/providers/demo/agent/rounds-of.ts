import type { PromptMessage } from '@spool/events'
import { ProviderError } from '../../provider-error.ts'
import { jsonAt } from './find-json.ts'
import { readTurn } from './turn.ts'
import type { WantedCall } from './wanted-calls.ts'

/** The calls that the person's words are: `[[{"name": "clock", "input": {}}, …], …]`, a list for each round. */
export function roundsOf(prompt: readonly PromptMessage[]): readonly (readonly WantedCall[])[] {
  const { request } = readTurn(prompt)
  const rounds = jsonAt(request, request.indexOf('['))
  if (Array.isArray(rounds) && rounds.every((round) => Array.isArray(round) && round.every(isCall))) return rounds
  throw new ProviderError(
    'provider_bad_request',
    'The demo model is told its calls as JSON, a list for each round: [[{"name": "clock", "input": {}}]].',
  )
}

const isCall = (value: unknown): value is WantedCall => typeof Object(value).name === 'string'
