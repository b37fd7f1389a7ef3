import { expect, test } from 'vitest'
import { inlineData } from './inline-data.ts'

test.each([
  ['data:image/png;base64,iVBORw0KGgo=', 'iVBORw0KGgo=', 'image/png'],
  ['data:IMAGE/PNG;name=a;BASE64,iVBORw0KGgo=', 'iVBORw0KGgo=', 'image/png'],
  ['data:;base64,aGk=', 'aGk=', undefined],
  ['data:text/plain,a%20b,c', 'YSBiLGM=', 'text/plain'],
  ['data:text/plain,100%', 'MTAwJQ==', 'text/plain'],
  ['data:,', '', undefined],
])('%s holds %s of the type %s', (url, base64, mediaType) => {
  expect(inlineData(url)).toEqual({ base64, mediaType })
})

test.each(['https://example.org/data:image/png;base64,aGk=', 'data:image/png', ''])('%j holds nothing', (url) => {
  expect(inlineData(url)).toBeUndefined()
})
