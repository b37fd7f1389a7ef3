import { explainFailure } from '@spool/events'
import { expect, test } from 'vitest'
import { providerErrorCodes } from './provider-error.ts'

test.each(providerErrorCodes)('people have a text for %s', (code) => {
  expect(explainFailure('en', code)).not.toBeNull()
})
