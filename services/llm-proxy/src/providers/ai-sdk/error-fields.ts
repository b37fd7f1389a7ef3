/** The words by which providers name an error; '' where there is none. */
export interface ErrorFields {
  /** All that is said by way of a code: `code`, `type`, `status` and the inner error's, one after the other. */
  readonly codes: string
  readonly message: string
}

/** Reads `{error: {code, type, message}}` and its many relatives. */
export function errorFields(body: unknown): ErrorFields {
  if (typeof body === 'string') return { codes: '', message: body }
  if (!isRecord(body)) return { codes: '', message: '' }
  if (isRecord(body['response'])) return errorFields(body['response'])
  if (isRecord(body['error'])) return errorFields(body['error'])
  const { code, type, status, innererror } = body
  const inner = isRecord(innererror) ? innererror['code'] : undefined
  const said = [body['error'], body['message'], body['detail']].find((text) => typeof text === 'string')
  return {
    codes: [code, type, status, inner].filter(isWord).join(' '),
    message: typeof said === 'string' ? said : '',
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const isWord = (value: unknown) => typeof value === 'string' || typeof value === 'number'
