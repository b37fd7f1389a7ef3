import { ProtocolError, SdkError, SdkErrorCode, SdkHttpError } from '@modelcontextprotocol/client'
import { describe, expect, test } from 'vitest'
import { readFailure, reasonOf } from './failure.ts'
import { Unsent } from './unsent.ts'

const answered = (status: number, text = '') =>
  new SdkHttpError(SdkErrorCode.ClientHttpNotImplemented, `Error POSTing to endpoint: ${text}`, { status, text })
const failed = (code: string) => new TypeError('fetch failed', { cause: Object.assign(new Error(code), { code }) })

describe('of a call that failed one knows', () => {
  test.each<[string, unknown, string]>([
    ['nothing was sent', new Unsent('gone'), 'unsent'],
    ['nobody listens', failed('ECONNREFUSED'), 'unsent'],
    ['its certificate is not to be trusted', failed('DEPTH_ZERO_SELF_SIGNED_CERT'), 'unsent'],
    ['there was no connection', new Error('Not connected'), 'unsent'],
    ['the connection broke', failed('ECONNRESET'), 'lost'],
    ['the connection was closed', new SdkError(SdkErrorCode.ConnectionClosed, 'Connection closed'), 'lost'],
    ['a gateway gave up', answered(504), 'lost'],
    ['the answer was none', new SdkError(SdkErrorCode.InvalidResult, 'Invalid result'), 'lost'],
    ['the server broke', answered(500), 'passing'],
    ['the server refuses', answered(403), 'told'],
    ['the server refuses in its own words', new ProtocolError(-32_602, 'no such tool'), 'told'],
    ['it is elsewhere', answered(307), 'told'],
  ])('that %s', (_, error, kind) => {
    expect(readFailure(error, false).kind).toBe(kind)
  })
})

test('a session that is not known any more is told from a refusal', () => {
  expect(readFailure(answered(404), true).kind).toBe('session lost')
  expect(readFailure(answered(404), false).kind).toBe('told')
  expect(readFailure(answered(400, 'Bad Request: No valid session ID provided'), true).kind).toBe('session lost')
  expect(readFailure(answered(400, 'Bad Request: city is missing'), true).kind).toBe('told')
})

test('a reason has nothing of what was received', () => {
  expect(reasonOf(answered(500, 'the secret'))).toBe('It answered 500.')
  expect(reasonOf(failed('ECONNREFUSED'))).toBe('fetch failed (ECONNREFUSED)')
})
