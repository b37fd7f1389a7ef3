/**
 * From the SDK's errors to ours. Nothing of a provider's own wording is passed on unless it is an answer to what the
 * user sent (400 and the like), and then without anything that looks like a key.
 */
import { APICallError, InvalidPromptError, UnsupportedFunctionalityError } from '@ai-sdk/provider'
import { ProviderError, type ProviderErrorCode } from '../provider-error.ts'
import { errorFields } from './error-fields.ts'
import { quote } from './quote.ts'
import { type RefusalCode, refusalCode } from './refusal-code.ts'
import { refusalText } from './refusal-text.ts'
import { type ReportedError, reportedError } from './reported-error.ts'
import { retryAfterMs } from './retry-after.ts'

/** What is particular in how a provider says no. */
export interface RefusalHabits {
  /** Asked before the rules that hold for all. */
  readonly refusalCode?: RefusalCode
  /** How long the body asks us to stay away, for those that do not say it in a header. */
  readonly bodyWaitMs?: (body: unknown) => number | undefined
  /** What to do about it, instead of what is usually said. */
  readonly advice?: Readonly<Partial<Record<ProviderErrorCode, string>>>
}

export interface ErrorContext extends RefusalHabits {
  readonly provider: string
  readonly model: string
  /** Where the key comes from, to tell the operator. */
  readonly keyVariable: string | undefined
  /** Never let into a text. */
  readonly secrets: readonly string[]
  /** Part of the answer is there already. */
  readonly answering: boolean
}

export function classifyError(error: unknown, context: ErrorContext): ProviderError {
  if (error instanceof ProviderError) return error
  const report = reportedError(error)
  if (report) return refusal(report, context)
  const { provider, answering } = context
  const isCall = APICallError.isInstance(error)
  if (isCall && error.cause instanceof ProviderError) return error.cause
  if (isCall || error instanceof TypeError) {
    const cause = isCall ? error.cause : error
    // The SDK reports a body that breaks off with the status of its head.
    return answering || (isCall && error.statusCode !== undefined)
      ? new ProviderError(
          'provider_broken',
          `The connection to ${provider} broke in the middle of the answer. Try again.`,
          {
            cause,
          },
        )
      : new ProviderError('provider_unreachable', textOf('provider_unreachable', context), { cause })
  }
  if (UnsupportedFunctionalityError.isInstance(error)) return untakable(error.functionality, context)
  if (InvalidPromptError.isInstance(error)) return untakable('its messages in this order', context)
  return broken(context)
}

/** The SDK saw by itself, before any request, that this provider has no form for it. */
function untakable(what: string, { provider, model }: ErrorContext): ProviderError {
  return new ProviderError(
    'provider_unsupported',
    `${provider} cannot take this conversation for ${model}: ${what}. Leave it out, or choose another model.`,
  )
}

function refusal({ status, body, headers }: ReportedError, context: ErrorContext): ProviderError {
  const code = context.refusalCode?.(status, body) ?? refusalCode(status, body)
  if (code === undefined) return broken(context)
  const waitMs = retryAfterMs(headers) ?? context.bodyWaitMs?.(body)
  const options = waitMs === undefined ? {} : { retryAfterMs: waitMs }
  return new ProviderError(code, textOf(code, context, status, body), options)
}

/** About these the user can do something, and only the provider knows what. */
const quotedCodes: ReadonlySet<ProviderErrorCode> = new Set(['provider_bad_request', 'provider_content_filtered'])

function textOf(code: ProviderErrorCode, context: ErrorContext, status?: number, body?: unknown): string {
  const { provider, model, keyVariable, secrets, advice } = context
  const said = quotedCodes.has(code) && typeof body !== 'string' ? quote(errorFields(body).message, secrets) : ''
  return refusalText(code, { provider, model, status, keyVariable, quote: said }, advice?.[code])
}

function broken({ provider }: ErrorContext): ProviderError {
  return new ProviderError(
    'provider_broken',
    `${provider} sent something that is not an answer, or stopped before its end. Try again; where it always does, check the base URL.`,
  )
}
