import { Refused } from '@spool/client'
import { ArchiveUnavailable } from '@spool/log'
import { expect, test } from 'vitest'
import { ExitCode } from './exit-codes.ts'
import { inWords } from './in-words.ts'
import { failed, usageProblem } from './problem.ts'

const refused = (status: number) => new Refused({ status, code: 'c', detail: 'because' })

test('what is away, and who lets nobody in, is told from what cannot be done', () => {
  for (const error of [new ArchiveUnavailable(), refused(401), refused(429), refused(503)]) {
    expect(inWords(error)).toEqual({ exitCode: ExitCode.unavailable, message: error.message })
    expect(inWords(failed('It broke off.', error))).toMatchObject({ exitCode: ExitCode.unavailable })
    expect(inWords(usageProblem('What?'))).toMatchObject({ exitCode: ExitCode.usage })
  }
  for (const error of [new Error('odd'), refused(404), refused(409)]) {
    expect(inWords(error)).toEqual({ exitCode: ExitCode.failed, message: error.message })
    expect(inWords(failed('It broke off.', error))).toMatchObject({ exitCode: ExitCode.failed })
  }
})

test('a folder where a file should be is told in words', () => {
  const error = Object.assign(new Error('EISDIR: illegal operation on a directory, read'), { code: 'EISDIR' })
  expect(inWords(error)).toEqual({ exitCode: ExitCode.failed, message: expect.stringMatching(/^That is a folder/) })
})
