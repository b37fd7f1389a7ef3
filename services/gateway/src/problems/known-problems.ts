import { Problem } from './problem.ts'

/** The problems that more than one call can have. */

export const unavailable = (detail: string, cause?: unknown) =>
  new Problem(503, 'unavailable', detail, { retryAfter: 1, cause })

export const busUnavailable = (cause?: unknown) =>
  unavailable('The message bus cannot be reached at the moment. Try again in a few seconds.', cause)

export const storeUnavailable = (cause?: unknown) =>
  unavailable('The store does not answer at the moment. Nothing is lost; try again in a few seconds.', cause)

export const shuttingDown = () =>
  new Problem(503, 'shutting_down', 'This server is shutting down. Try again; another one will answer.', {
    retryAfter: 1,
    headers: { connection: 'close' },
  })

export const sessionNotFound = (session: string) =>
  new Problem(404, 'session_not_found', `There is no session ${session}.`)

export const runNotFound = (run: string) => new Problem(404, 'run_not_found', `There is no run ${run} in this session.`)

export const messageNotFound = (message: string) =>
  new Problem(404, 'message_not_found', `There is no message ${message} in this session.`)
