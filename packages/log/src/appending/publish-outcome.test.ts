import { JetStreamApiError } from '@nats-io/jetstream'
import { errors } from '@nats-io/nats-core'
import { expect, test } from 'vitest'
import { BusUnavailable } from '../errors.ts'
import { outcomeOfFailure } from './publish-outcome.ts'

const refusedWith = (err_code: number, description: string) =>
  outcomeOfFailure(new JetStreamApiError({ code: 400, err_code, description }))

test.each([
  [10071, 'wrong last sequence: 7'],
  [10164, 'wrong last sequence'],
  [10158, 'message id is in flight'],
  [10008, 'JetStream system temporarily unavailable'],
])('the answer %i leaves the fate of an append unknown', (code, description) => {
  expect(refusedWith(code, description).kind).toBe('unknown')
})

test.each([
  ['no answer in time', new errors.TimeoutError()],
  ['a connection that broke', new BusUnavailable()],
  ['no leader', new errors.NoRespondersError('log.0.a.b')],
])('%s leaves the fate of an append unknown', (_, error) => {
  expect(outcomeOfFailure(error).kind).toBe('unknown')
})

test.each([
  [10077, 'maximum bytes exceeded'],
  [10023, 'insufficient resources'],
  [10047, 'insufficient storage resources available'],
])('the answer %i says that there is no room now', (code, description) => {
  expect(refusedWith(code, description).kind).toBe('full')
})

test('an event the server can never take is told from one that may be sent again', () => {
  expect(refusedWith(10054, 'message size exceeds maximum allowed')).toMatchObject({ kind: 'refused', why: 'size' })
})
