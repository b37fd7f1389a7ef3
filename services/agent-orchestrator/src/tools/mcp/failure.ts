import { ProtocolError, SdkError, SdkErrorCode, SdkHttpError } from '@modelcontextprotocol/client'
import { ToolError } from '../tool-error.ts'
import { answerLost, answerTooLarge } from './frames.ts'
import { Unsent } from './unsent.ts'

/**
 * Why a call has no result. `told`: the server says so. `passing`: it says so, and may do better later. `unsent`: the call
 * has not reached the server, or was turned away unseen. `session lost`: the same, and a new connection is needed. `lost`:
 * whether it was carried out is not known.
 */
export type Failure =
  | { readonly kind: 'told' | 'passing'; readonly error: ToolError }
  | { readonly kind: 'unsent' | 'session lost' | 'lost'; readonly reason: string }

const maxToldLength = 500

export function readFailure(error: unknown, hasSession: boolean): Failure {
  if (error instanceof Unsent) return { kind: 'unsent', reason: error.message }
  if (error instanceof SdkHttpError) return ofStatus(error, hasSession)
  if (error instanceof ProtocolError) return ofProtocol(error)
  if (error instanceof SdkError) return ofSdk(error)
  const reason = reasonOf(error)
  return { kind: neverConnected(error) ? 'unsent' : 'lost', reason }
}

/** For people; nothing of what was sent or received. */
export function reasonOf(error: unknown): string {
  if (error instanceof SdkHttpError) return `It answered ${error.status}.`
  const { code } = rootOf(error)
  const message = error instanceof Error ? error.message : String(error)
  return `${shortened(message)}${typeof code === 'string' && !message.includes(code) ? ` (${code})` : ''}`
}

function ofStatus(error: SdkHttpError, hasSession: boolean): Failure {
  const { status } = error
  // Some answer 400 where they ought to answer 404, and mean the session.
  const isSession = status === 404 || (status === 400 && /session|initiali[sz]ed/i.test(String(error.data['text'])))
  if (hasSession && isSession) {
    return { kind: 'session lost', reason: 'It does not know the session any more.' }
  }
  if (status === 502 || status === 504) return { kind: 'lost', reason: `A gateway before it answered ${status}.` }
  const says = (code: string, message: string) => new ToolError(code, message, { cause: error })
  if (status >= 500) return { kind: 'passing', error: says('mcp_failed', `The MCP server failed (${status}).`) }
  if (status >= 400) return { kind: 'told', error: says('mcp_refused', `The MCP server refused the call (${status}).`) }
  const redirected =
    `The MCP server's address answered ${status}, and redirects are not followed. ` +
    'Whether the call was carried out is not known.'
  return { kind: 'told', error: says('mcp_redirected', redirected) }
}

function ofProtocol(error: ProtocolError): Failure {
  if (error.code === answerLost) return { kind: 'lost', reason: error.message }
  if (error.code === answerTooLarge) {
    const message = `It was carried out, but the result is too large to be read. ${error.message}`
    return { kind: 'told', error: new ToolError('answer_too_large', message, { cause: error }) }
  }
  const message = `The MCP server refused the call: ${shortened(error.message)}`
  return { kind: 'told', error: new ToolError('mcp_refused', message, { cause: error }) }
}

function ofSdk(error: SdkError): Failure {
  switch (error.code) {
    case SdkErrorCode.NotConnected:
    case SdkErrorCode.MethodNotSupportedByProtocolVersion:
      return { kind: 'unsent', reason: error.message }
    case SdkErrorCode.UnsupportedResultType:
    case SdkErrorCode.InputRequiredRoundsExceeded:
      return {
        kind: 'told',
        error: new ToolError('mcp_needs_input', 'The tool asks back, which is not supported here.', { cause: error }),
      }
    default:
      return { kind: 'lost', reason: shortened(error.message) }
  }
}

const connectCodes = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EPROTO',
  'UND_ERR_CONNECT_TIMEOUT',
])

/** The connection, or the proof of who is at its other end, did not come about. */
function neverConnected(error: unknown): boolean {
  if (error instanceof Error && error.message === 'Not connected') return true
  const { code } = rootOf(error)
  return (
    typeof code === 'string' && (connectCodes.has(code) || /^(ERR_TLS|ERR_SSL|CERT|DEPTH_|SELF_|UNABLE_)/.test(code))
  )
}

function rootOf(error: unknown): { code?: unknown } {
  let root = error
  for (let depth = 0; depth < 5 && root instanceof Error && root.cause !== undefined; depth++) root = root.cause
  return typeof root === 'object' && root !== null ? root : {}
}

function shortened(text: string): string {
  const line = text.replaceAll(/[\p{Cc}\s]+/gu, ' ').trim()
  return line.length > maxToldLength ? `${line.slice(0, maxToldLength)}…` : line
}
